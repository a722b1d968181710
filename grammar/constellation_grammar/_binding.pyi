def language() -> object:
    """The tree-sitter language of constellation-lang, as a capsule."""
