"""`stdlib.hash`: digests and encodings of texts.

Invariant: results depend on the text's UTF-8 bytes alone: the same on every machine, in every run.
"""

from __future__ import annotations

from constellation.stdlib.declare import Namespace, StandardError, extended
from constellation.stdlib.limits import check_text

namespace = Namespace("stdlib.hash")
added = extended(namespace)


@added("sha256", "(text: String) -> String")
def sha256(text: str) -> str:
    """SHA-256 of a text, in lower-case hexadecimal."""
    from hashlib import sha256 as digest

    return digest(text.encode()).hexdigest()


@added("md5", "(text: String) -> String")
def md5(text: str) -> str:
    """MD5 of a text, in lower-case hexadecimal; for checksums, not for secrets."""
    import hashlib

    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


@added("hmac-sha256", "(key: String, text: String) -> String")
def hmac_sha256(key: str, text: str) -> str:
    """HMAC-SHA-256 of a text under a key, in lower-case hexadecimal."""
    import hmac

    return hmac.new(key.encode(), text.encode(), "sha256").hexdigest()


@added("crc32", "(text: String) -> Int")
def crc32(text: str) -> int:
    """CRC-32 of a text, not negative."""
    import zlib

    return zlib.crc32(text.encode())


@added("base64-encode", "(text: String) -> String")
def base64_encode(text: str) -> str:
    """A text's UTF-8 bytes in base64, standard alphabet, padded."""
    import base64

    data = text.encode()
    check_text(len(data) * 4 // 3 + 4)
    return base64.b64encode(data).decode("ascii")


@added("base64-decode", "(text: String) -> String")
def base64_decode(text: str) -> str:
    """The text whose base64 form this is. Fails with `invalid base64 text`."""
    import base64

    try:
        return base64.b64decode(text, validate=True).decode()
    except ValueError:
        raise StandardError("invalid base64 text") from None


@added("hash-bucket", "(value: String, buckets: Int) -> Int")
def hash_bucket(value: str, buckets: int) -> int:
    """A number from 0 to `buckets - 1` that is always the same for the same text. Fails with `buckets must be
    positive`."""
    if buckets <= 0:
        raise StandardError("buckets must be positive")
    from hashlib import sha256 as digest

    return int.from_bytes(digest(value.encode()).digest(), "big") % buckets
