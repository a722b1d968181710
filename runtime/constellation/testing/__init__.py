"""Tools for testing pipelines and modules: virtual time, recorded calls, engines for tests."""
