"""Canonical JSON (RFC 8785) and the digests built on it: equal values, equal bytes, on every machine.

Signed bytes, tallies and work ids hold no float: ratios are integer ppm (data-path §8). Whole numbers past 2**53-1
are refused by RFC 8785; counts stay below that.
"""

import hashlib
import json
from typing import Any

import rfc8785


def canonical_json(value: Any) -> bytes:
    """The RFC 8785 bytes of *value*: dicts, lists, strings, integers, booleans and None, nested.

    Raises ``TypeError`` for a float (sums of floats depend on their order) and for any other type,
    ``rfc8785.IntegerDomainError`` for an integer past 2**53-1.
    """
    _refuse_floats(value)
    return rfc8785.dumps(value)


def parse_json(data: bytes) -> Any:
    """The value of canonical (or any other) JSON bytes."""
    return json.loads(data)


def sha256_hex(data: bytes) -> str:
    """Plain sha256 of *data*, 64 lower-case hex digits: the name of every object in a ledger."""
    return hashlib.sha256(data).hexdigest()


def digest_of(value: Any) -> str:
    """sha256 of the canonical JSON of *value*: unit ids, work ids, setting digests."""
    return sha256_hex(canonical_json(value))


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        msg = f"canonical JSON holds no floats, got {value!r}; store integer ppm or a decimal string"
        raise TypeError(msg)
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                msg = f"canonical JSON keys are strings, got {type(key).__name__}"
                raise TypeError(msg)
            _refuse_floats(item)
    elif isinstance(value, list | tuple):
        for item in value:
            _refuse_floats(item)
