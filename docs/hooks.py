"""What mkdocs calls while it builds: makes the lexer of `cst_lexer.py` known to Pygments."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any


def on_config(config: Any) -> Any:
    """Register the lexer."""
    from pygments.lexers import LEXERS

    sys.path.insert(0, str(Path(__file__).resolve().parent))
    LEXERS["CstLexer"] = ("cst_lexer", "Constellation", ("cst",), ("*.cst",), ())
    return config
