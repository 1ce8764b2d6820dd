"""The profiles that a run drops under, as a process holds them."""

from collections.abc import Callable
from typing import Final

import pyarrow as pa

from checks.loaded import once
from schemas.errors import LedgerError
from schemas.profile_rules import profiles_of
from schemas.profiles import Profile

MOST_TOGETHER: Final = 256
"""Rules of all profiles of a run together: their counts stand in a bounded tally."""
_PLACE: Final = "selection profiles"


def use_profiles(digest: str, rules: Callable[[], pa.Table]) -> tuple[Profile, ...]:
    """Keep the profiles that *digest* names for this process; *rules* gives RULES where they are not held yet.

    Every process calls this before it looks at records.
    """
    return once((_PLACE, digest), lambda: tuple(one.profile for one in profiles_of(rules())))


def held_profiles(digest: str) -> tuple[Profile, ...]:
    """The profiles that this process keeps under *digest*; ``LedgerError`` where it has none."""
    return once((_PLACE, digest), lambda: _missing(digest))


def _missing(digest: str) -> tuple[Profile, ...]:
    msg = f"drop_under: {digest} is set but not loaded in this process; the ledger's object of that name holds it"
    raise LedgerError(msg)
