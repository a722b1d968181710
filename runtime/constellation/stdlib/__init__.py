"""The standard library: one file per namespace."""
