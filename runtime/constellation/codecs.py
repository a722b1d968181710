"""Ready-made codecs, for `from constellation import codecs`; see `constellation.types.codecs`."""

from constellation.types.codecs import (
    DATE,
    DATETIME,
    DECIMAL,
    TIME,
    UUID_TEXT,
    Codec,
    codec_for,
    register_standard,
    register_type,
    unregister_type,
)

__all__ = [
    "DATE",
    "DATETIME",
    "DECIMAL",
    "TIME",
    "UUID_TEXT",
    "Codec",
    "codec_for",
    "register_standard",
    "register_type",
    "unregister_type",
]
