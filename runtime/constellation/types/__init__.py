"""The type algebra: types, signatures, values, and every way in and out of them (JSON, Python annotations, text)."""
