"""The typing rules, one file per part of the language. Importing this package registers them all."""

from constellation.compiler.checking import calls, expressions, operators, patterns, records

__all__ = ["calls", "expressions", "operators", "patterns", "records"]
