"""Tallies added: the same whole from any cut of the records, in any order."""

from typing import Any


def added(a: Any, b: Any) -> Any:
    """Tallies or parts of them added: integers summed, lists by place, maps united. Neither argument is changed."""
    if isinstance(a, dict):
        return {k: added(a[k], b[k]) if k in a and k in b else a.get(k, b.get(k)) for k in a.keys() | b.keys()}
    if isinstance(a, list):
        return [added(x, y) for x, y in zip(a, b, strict=True)]
    return a + b
