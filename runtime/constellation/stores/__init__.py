"""Where images and suspended executions are kept: the protocols, and stores in memory, in files and in SQLite."""
