"""The pages of the reference that are written from the code: one file per kind of page.

Each makes text from docstrings, catalogues and tables and keeps none of its own. Invariant: what the code does not have
cannot appear here, and what it has cannot be missing.
"""
