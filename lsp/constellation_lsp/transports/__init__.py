"""How bytes of a connection become messages and back: framing and standard input/output."""
