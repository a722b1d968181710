"""Editor features: pure functions of an analysis and an offset, returning plain data. Nothing here knows LSP."""
