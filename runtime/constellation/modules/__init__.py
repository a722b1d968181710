"""Modules: what a call runs. Defining them from Python functions, collecting them, registering them."""
