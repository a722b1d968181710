"""Configuration: defaults, environment, arguments, and everything that is wrong at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from constellation_server import settings
from constellation_server.config import ConfigurationError, ServerConfig, near_misses, variables


def test_defaults_listen_on_loopback_only() -> None:
    config = ServerConfig()
    assert (config.host, config.port) == ("127.0.0.1", 8080)
    assert config.max_body_bytes == 10_485_760
    assert config.pipeline_store is None


def test_environment_fills_settings_and_arguments_win() -> None:
    environment = {
        "CONSTELLATION_PORT": "9000",
        "CONSTELLATION_MAX_BODY_BYTES": "64K",
        "CONSTELLATION_DRAIN_TIMEOUT": "2m",
    }
    config = ServerConfig.from_environment(environment, port=0, host=None)
    assert (config.port, config.max_body_bytes, config.drain_timeout, config.host) == (0, 65536, 120.0, "127.0.0.1")


def test_every_bad_variable_is_named_at_once() -> None:
    environment = {
        "CONSTELLATION_PORT": "eighty",
        "CONSTELLATION_ACCESS_LOG": "maybe",
        "CONSTELLATION_CACHE_TTL": "soon",
    }
    with pytest.raises(ConfigurationError) as caught:
        ServerConfig.from_environment(environment)
    text = str(caught.value)
    assert text.startswith("Configuration validation failed:\n")
    for name in environment:
        assert name in text


@pytest.mark.parametrize("port", ["-1", "65536", "8080.5", "0x50"])
def test_ports_out_of_range_are_refused(port: str) -> None:
    with pytest.raises(ConfigurationError, match="from 0 to 65535"):
        ServerConfig.from_environment({"CONSTELLATION_PORT": port})


def test_negative_arguments_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="MAX_SUSPENSIONS"):
        ServerConfig(max_suspensions=-1)


@pytest.mark.parametrize(
    ("environment", "bound"),
    [
        ({}, None),
        ({"CONSTELLATION_SCHEDULER_MAX_CONCURRENCY": "4"}, 4),
        ({"CONSTELLATION_SCHEDULER_ENABLED": "true"}, 16),
        ({"CONSTELLATION_SCHEDULER_ENABLED": "false", "CONSTELLATION_SCHEDULER_MAX_CONCURRENCY": "4"}, None),
    ],
)
def test_the_concurrency_variable_alone_switches_the_bounded_scheduler_on(
    environment: dict[str, str], bound: int | None
) -> None:
    assert ServerConfig.from_environment(environment).scheduler_bound == bound


def test_misspelt_variables_are_pointed_out() -> None:
    assert near_misses({"CONSTELLATION_PROT": "1", "CONSTELLATION_SOMETHING_ELSE": "1", "PATH": "/"}) == [
        "unknown variable CONSTELLATION_PROT: did you mean CONSTELLATION_PORT?"
    ]


def test_every_variable_is_prefixed_and_unique() -> None:
    names = variables()
    assert len(set(names.values())) == len(names)
    assert all(name.startswith("CONSTELLATION_") for name in names)


@pytest.mark.parametrize(
    ("text", "seconds"), [("250ms", 0.25), ("30s", 30), ("5m", 300), ("5min", 300), ("1h", 3600), ("7", 7)]
)
def test_durations(text: str, seconds: float) -> None:
    assert settings.duration(text) == seconds


@pytest.mark.parametrize("seconds", [0.001, 0.25, 1, 90, 300, 3600, 5400])
def test_shown_durations_read_back(seconds: float) -> None:
    assert settings.duration(settings.show_duration(seconds)) == seconds


@pytest.mark.parametrize("text", ["", "soon", "-5s", "5 days"])
def test_bad_durations(text: str) -> None:
    with pytest.raises(ValueError, match="duration"):
        settings.duration(text)


def test_sizes_choices_and_paths() -> None:
    assert settings.size("10M") == 10 * 1024**2
    assert settings.choice("relative-path")("RelativePath") == "relative-path"
    assert settings.path("/a/b") == Path("/a/b")
    with pytest.raises(ValueError, match="true or false"):
        settings.boolean("perhaps")
