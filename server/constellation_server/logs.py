"""Log output: one line per record, for people or as JSON.

Owns formatting and set-up of the `constellation` loggers. Invariant: control characters in logged texts are escaped,
so no client can forge a line.
"""

from __future__ import annotations

import logging
import re
import sys
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from constellation_server.codec import dumps

_LEVELS: Final = {"TRACE": 5, "DEBUG": 10, "INFO": 20, "WARN": 30, "ERROR": 40}
_IN_MESSAGE: Final = frozenset({"method", "path", "status"})
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def escaped(text: str) -> str:
    """The text with control characters written as escapes."""
    return _CONTROL.sub(lambda m: repr(m[0])[1:-1], text)


class TextFormatter(logging.Formatter):
    """`time LEVEL logger: message key=value …`; a traceback follows on lines of its own."""

    def format(self, record: logging.LogRecord) -> str:
        parts = [f"{_stamp(record.created)} {record.levelname:<7} {record.name}: {record.getMessage()}"]
        parts += [f"{k}={v}" for k, v in _facts(record).items() if k not in _IN_MESSAGE and v is not None]
        line = escaped(" ".join(parts))
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        return line


class JsonFormatter(logging.Formatter):
    """One JSON object per record."""

    def format(self, record: logging.LogRecord) -> str:
        document: dict[str, Any] = {
            "@timestamp": _stamp(record.created),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        document.update((key, value) for key, value in _facts(record).items() if value is not None)
        if record.exc_info:
            document["exception"] = self.formatException(record.exc_info)
        return dumps(document).decode()


def _stamp(epoch: float) -> str:
    whole = int(epoch)
    return f"{_second(whole)}.{int((epoch - whole) * 1000):03d}Z"


@lru_cache(maxsize=4)
def _second(epoch: int) -> str:
    return f"{datetime.fromtimestamp(epoch, UTC):%Y-%m-%dT%H:%M:%S}"


def _facts(record: logging.LogRecord) -> dict[str, Any]:
    facts: dict[str, Any] = getattr(record, "facts", {})
    return facts


def configure_logging(level: str, form: str) -> None:
    """Send the `constellation` loggers to stderr. Calling it again replaces the earlier set-up."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if form == "json" else TextFormatter())
    root = logging.getLogger("constellation")
    root.handlers = [handler]
    root.setLevel(_LEVELS[level])
    root.propagate = False
