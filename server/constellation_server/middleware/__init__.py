"""What happens around every request, outside in: scope and access log, then failures.

One concern per file. The order is fixed in `constellation_server.app`.
"""
