"""The typing rules, one file per part of the language. Importing this package registers them all."""

from constellation.compiler.checking import calls, expressions, lambdas, operators, patterns, records

__all__ = ["RULES"]

RULES = (calls, expressions, lambdas, operators, patterns, records)
