"""`python -m constellation_server` is the `constellation` command."""

import sys

from constellation_server.cli.main import main

sys.exit(main())
