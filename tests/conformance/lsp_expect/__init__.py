"""The expectations of language-server cases."""
