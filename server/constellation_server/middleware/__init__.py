"""What happens around every request: scope, failures, counting and the access log; one concern per file."""
