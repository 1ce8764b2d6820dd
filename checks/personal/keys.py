"""The HMAC key: held by the process, named by its id; never a setting, a pipeline option or part of an object."""

import hashlib
import hmac
from pathlib import Path
from typing import Final

from checks.loaded import once
from schemas.errors import ConfigError, LedgerError

_PLACE: Final = "personal key"
_SHORTEST_BYTES: Final = 16
_HMAC_BYTES: Final = 16


def use_key(path: str | Path) -> str:
    """Read the key file, keep its bytes for this process, and return the key's id: 16 hex digits.

    The file's bytes are the key as they stand, 16 or more. Every worker process calls this before it looks at records.
    ``ConfigError`` where the file cannot be read or is too short.
    """
    try:
        key = Path(path).read_bytes()
    except OSError as error:
        raise ConfigError(
            f"{path}: the key file cannot be read ({error.strerror}); make one of 32 random bytes"
        ) from None
    if len(key) < _SHORTEST_BYTES:
        raise ConfigError(
            f"{path}: the key has {len(key)} bytes, at least {_SHORTEST_BYTES}; make one of 32 random bytes"
        )
    key_id = key_id_of(key)
    once((_PLACE, key_id), lambda: key)
    return key_id


def key_id_of(key: bytes) -> str:
    """What names a key in settings and manifests; it tells nothing of a long random key."""
    return hashlib.sha256(b"corpusledger key id" + key).hexdigest()[:16]


def hmac_of(key_id: str | None, entity: str, canonical_value: str) -> bytes | None:
    """First 16 bytes of HMAC-SHA256(key, entity NUL canonical value); None where no key is asked for.

    Keyed, because an unkeyed digest of an 11-digit number is guessed in minutes. ``LedgerError`` where this process has
    not loaded the key.
    """
    if key_id is None:
        return None
    return hmac.digest(_key(key_id), entity.encode() + b"\x00" + canonical_value.encode(), "sha256")[:_HMAC_BYTES]


def hmac_begun(key_id: str, entity: str) -> hmac.HMAC:
    """The HMAC of *entity* NUL, to copy and go on with: two thirds of the time of `hmac_of` where there are many values."""
    return hmac.new(_key(key_id), entity.encode() + b"\x00", "sha256")


def _key(key_id: str) -> bytes:
    return once((_PLACE, key_id), lambda: _missing(key_id))


def _missing(key_id: str) -> bytes:
    raise LedgerError(f"personal: key {key_id} is set but not loaded in this process; give its file as the run's key")
