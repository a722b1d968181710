"""The server's configuration: which settings exist, their defaults, and how environment and arguments fill them.

Owns the table of settings and the validation of the whole. Refuses to read the environment by itself:
`from_environment` is given a mapping. Sources, later wins: built-in default, environment, argument. Invariant: a
`ServerConfig` is frozen and valid; every problem found is reported at once, in one `ConfigurationError`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from constellation_server import settings

_PREFIX = "CONSTELLATION_"


class ConfigurationError(Exception):
    """Every problem of a configuration; the text has one line per problem."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(["Configuration validation failed:", *(f"  {p}" for p in problems)]))
        self.problems = tuple(problems)


def _setting(default: Any, variable: str, parse: settings.Parse) -> Any:
    return field(default=default, metadata={"variable": _PREFIX + variable, "parse": parse})


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerConfig:
    """Settings of one server. Durations are seconds, sizes bytes."""

    host: str = _setting("127.0.0.1", "HOST", settings.text)
    """Address to listen on; `0.0.0.0` for every interface."""
    port: int = _setting(8080, "PORT", settings.integer(0, 65535))
    """Port to listen on; 0 picks a free one."""
    max_body_bytes: int = _setting(10 * 1024**2, "MAX_BODY_BYTES", settings.size)
    """Largest request body; a larger one is answered 413."""
    max_source_bytes: int = _setting(1024**2, "MAX_SOURCE_BYTES", settings.size)
    """Largest program; a larger one is answered 413."""
    body_timeout: float = 60.0
    """How long a request body may take to arrive."""
    compile_timeout: float = _setting(30.0, "COMPILE_TIMEOUT", settings.duration)
    """How long one compilation may take."""
    execution_timeout: float = _setting(300.0, "EXECUTION_TIMEOUT", settings.duration)
    """How long one run may take; 0 means no limit."""
    drain_timeout: float = _setting(30.0, "DRAIN_TIMEOUT", settings.duration)
    """How long a stopping server waits for runs in progress."""
    drain_delay: float = _setting(0.0, "DRAIN_DELAY", settings.duration)
    """How long a stopping server still accepts requests, so that a load balancer can notice."""
    max_websockets: int = _setting(200, "MAX_WEBSOCKETS", settings.integer(0))
    """Editor connections at once."""
    scheduler_enabled: bool | None = _setting(None, "SCHEDULER_ENABLED", settings.boolean)
    """Whether module calls go through the bounded scheduler; not set: on exactly when its bound is set."""
    scheduler_max_concurrency: int | None = _setting(None, "SCHEDULER_MAX_CONCURRENCY", settings.integer(1))
    """How many module calls may be in progress at once."""
    scheduler_starvation_timeout: float = _setting(30.0, "SCHEDULER_STARVATION_TIMEOUT", settings.duration)
    """After how long a waiting call goes first whatever its priority."""
    scheduler_max_queue_size: int = _setting(1000, "SCHEDULER_MAX_QUEUE_SIZE", settings.integer(0))
    """How many calls may wait; further ones fail. 0 means no limit."""
    cache_max_entries: int = _setting(100, "CACHE_MAX_ENTRIES", settings.integer(0))
    """Results the compile cache keeps; 0 turns it off."""
    cache_ttl: float = _setting(3600.0, "CACHE_TTL", settings.duration)
    """How long the compile cache keeps one."""
    pipeline_store: Path | None = _setting(None, "PIPELINE_STORE", settings.path)
    """Folder of the durable pipeline store; not set: in memory."""
    max_pipelines: int = _setting(10_000, "MAX_PIPELINES", settings.integer(0))
    """Images kept; the least recently used one nobody needs goes first. 0 means no limit."""
    max_versions: int = _setting(100, "MAX_VERSIONS", settings.integer(0))
    """Version entries kept per name; 0 keeps all."""
    suspension_ttl: float = _setting(24 * 3600.0, "SUSPENSION_TTL", settings.duration)
    """How long a suspended execution is kept; 0 means for ever."""
    max_suspensions: int = _setting(10_000, "MAX_SUSPENSIONS", settings.integer(1))
    """Suspended executions kept."""
    pipeline_dir: Path | None = _setting(None, "PIPELINE_DIR", settings.path)
    """Folder of programs to deploy at start."""
    pipeline_pattern: str = _setting("*.cst", "PIPELINE_PATTERN", settings.text)
    """Which files of that folder are programs."""
    pipeline_recursive: bool = _setting(False, "PIPELINE_RECURSIVE", settings.boolean)
    """Whether folders below count."""
    pipeline_fail_on_error: bool = _setting(False, "PIPELINE_FAIL_ON_ERROR", settings.boolean)
    """Whether a program that does not compile keeps the server from starting."""
    pipeline_alias_strategy: str = _setting(
        "filename", "PIPELINE_ALIAS_STRATEGY", settings.choice("filename", "relative-path", "hash-only")
    )
    """What name a program gets: its file's name, its relative path, or none (`hash-only`)."""
    pipeline_watch: bool = _setting(False, "PIPELINE_WATCH", settings.boolean)
    """Whether a changed file is deployed again."""
    pipeline_watch_interval: float = _setting(1.0, "PIPELINE_WATCH_INTERVAL", settings.duration)
    """How often changes are looked for where the system does not report them."""
    health_detail: bool = _setting(False, "HEALTH_DETAIL", settings.boolean)
    """Whether `GET /health/detail` is served."""
    hide_version: bool = _setting(False, "HIDE_VERSION", settings.boolean)
    """Whether answers keep the version to themselves."""
    log_level: str = _setting("INFO", "LOG_LEVEL", settings.choice("TRACE", "DEBUG", "INFO", "WARN", "ERROR"))
    """`TRACE`, `DEBUG`, `INFO`, `WARN` or `ERROR`."""
    log_format: str = _setting("text", "LOG_FORMAT", settings.choice("text", "json"))
    """`text`, or `json` for one object per line."""
    access_log: bool = _setting(True, "ACCESS_LOG", settings.boolean)
    """Whether each request is logged."""

    def __post_init__(self) -> None:
        problems = list(_out_of_range(self))
        if problems:
            raise ConfigurationError(problems)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], **arguments: Any) -> ServerConfig:
        """Defaults, then the environment's variables, then arguments that are not None.

        Raises ConfigurationError naming every variable that cannot be read.
        """
        values: dict[str, Any] = {}
        problems: list[str] = []
        for known in fields(cls):
            variable = known.metadata.get("variable")
            given = environment.get(variable) if variable else None
            if given is None or not given.strip():
                continue
            try:
                values[known.name] = known.metadata["parse"](given)
            except ValueError as problem:
                problems.append(f"{variable}: {problem}")
        values.update({name: value for name, value in arguments.items() if value is not None})
        if problems:
            raise ConfigurationError(problems)
        return cls(**values)

    def replace(self, **changes: Any) -> ServerConfig:
        """The same configuration except for the changes."""
        return replace(self, **changes)

    @property
    def scheduler_bound(self) -> int | None:
        """How many module calls may be in progress at once; None means unbounded."""
        if self.scheduler_enabled is False:
            return None
        if self.scheduler_max_concurrency is None:
            return 16 if self.scheduler_enabled else None
        return self.scheduler_max_concurrency


def _out_of_range(config: ServerConfig) -> list[str]:
    problems = [
        f"{known.metadata.get('variable', known.name)}: must not be negative"
        for known in fields(config)
        if isinstance(value := getattr(config, known.name), int | float) and value < 0
    ]
    for name in ("compile_timeout", "body_timeout", "pipeline_watch_interval"):
        if getattr(config, name) == 0:
            problems.append(f"{name}: must be greater than 0")
    for name in ("max_body_bytes", "max_source_bytes"):
        if getattr(config, name) == 0:
            problems.append(f"{name}: must be greater than 0")
    return problems


def variables() -> dict[str, str]:
    """Environment variable → name of the setting it fills."""
    known = ((f.metadata.get("variable"), f.name) for f in fields(ServerConfig))
    return {variable: name for variable, name in known if variable}


# Known to other parts of the distribution: no warning for them.
_ELSEWHERE = frozenset(_PREFIX + name for name in ("SERVER_URL", "TOKEN", "CONFIG", "DEBUG", "CST_DIR"))


def near_misses(environment: Mapping[str, str]) -> list[str]:
    """Warnings for variables that look like misspelt settings."""
    known = set(variables()) | _ELSEWHERE
    found: list[str] = []
    for name in sorted(environment):
        if not name.startswith(_PREFIX) or name in known:
            continue
        close = sorted(k for k in known if _distance(name, k, 2) <= 2)
        if close:
            found.append(f"unknown variable {name}: did you mean {close[0]}?")
    return found


def _distance(a: str, b: str, limit: int) -> int:
    """Edit distance, cut off above `limit`."""
    if abs(len(a) - len(b)) > limit:
        return limit + 1
    row = list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        above, row[0] = row[0], i
        for j, right in enumerate(b, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (left != right))
    return row[-1]
