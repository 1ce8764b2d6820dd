"""What run.yaml joins to checks from files of the customer's: each becomes objects that the settings of one check name.

Evaluation sets, opt-outs, lists, fingerprints, labels and quality profiles are read by rooms of their own; how a run takes them is the same for all.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final, Protocol

import pyarrow as pa

from checks import contamination, labels, laundering, listed, selection
from checks.base import Check
from checks.contamination import Contamination
from checks.labels import Labels
from checks.laundering import Laundering
from checks.listed import Listed
from checks.optouts import OptOuts
from checks.selection import Selection
from manifests.parquet import read_parquet
from manifests.store import Store, object_path
from pipelines.optouts import load_captures

FileRow = tuple[str, str, int, str]
"""A row of the run's files table: (name, digest, rows, kind)."""
_USES: Final[Mapping[str, tuple[Callable[..., Any], pa.Schema]]] = {
    Contamination.name: (contamination.use_index, contamination.ENTRIES),
    Listed.name: (listed.use_lists, listed.ENTRIES),
    Laundering.name: (laundering.use_fingerprints, laundering.ENTRIES),
    Labels.name: (labels.use_voided, labels.ENTRIES),
    Selection.name: (selection.use_profiles, selection.RULES),
}
"""Check with one object (of hashes, or of rules) -> what keeps it for a process, and its schema."""


class Joined(Protocol):
    """Files of the customer's as read: the objects, and the check whose settings name them."""

    @property
    def check(self) -> Check:
        """The check that they are joined to, with its settings."""
        ...

    def put(self, store: Store) -> list[FileRow]:
        """Keep the objects in *store*."""
        ...

    def use(self) -> None:
        """Keep what they hold for this process, where no ledger has them yet."""
        ...


def with_joined(checks: Sequence[Check], joined: Iterable[Joined]) -> tuple[Check, ...]:
    """The checks, and in place of each that something was joined to the one that knows of it."""
    known = {one.check.name: one.check for one in joined}
    return tuple(known.get(check.name, check) for check in checks)


def put_joined(store: Store, joined: Iterable[Joined]) -> list[FileRow]:
    """Keep all objects, in the order of *joined*."""
    return [row for one in joined for row in one.put(store)]


def load_joined(store: Store, checks: Iterable[Check]) -> None:
    """Keep for this process what the checks name in *store*; every process that looks at records calls this."""
    for check in checks:
        if isinstance(check, OptOuts):
            load_captures(store, check)
        elif isinstance(check, Contamination | Listed | Laundering | Labels | Selection) and check.index is not None:
            use, schema = _USES[check.name]
            place = store.place(object_path(check.index))
            use(check.index, partial(_table, store, check.index, place, schema))


def _table(store: Store, digest: str, place: str, schema: pa.Schema) -> pa.Table:
    return read_parquet(store.get_object(digest), place, schema)
