"""What run.yaml joins to checks from files of the customer's: each becomes objects that the settings of one check name.

Evaluation sets, opt-outs, lists, fingerprints, labels and quality profiles are read by rooms of their own; how a run takes them is the same for all.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Final, Protocol

import pyarrow as pa

from checks.base import Check
from checks.contamination import Contamination
from checks.labels import Labels
from checks.laundering import Laundering
from checks.listed import Listed
from checks.optouts import OptOuts
from checks.selection import Selection
from manifests.parquet import read_parquet
from manifests.store import Store, object_path
from pipelines.evaluation import Evaluation
from pipelines.joined_object import FileRow, JoinedObject
from pipelines.labels import JoinedLabels
from pipelines.lists import Lists
from pipelines.optouts import load_captures
from pipelines.restricted import Restricted
from pipelines.selection import Profiles

_OBJECTS: Final[Mapping[str, type[JoinedObject]]] = {
    Contamination.name: Evaluation, Listed.name: Lists, Laundering.name: Restricted, Labels.name: JoinedLabels,
    Selection.name: Profiles,
}  # fmt: skip
"""Check -> the object that is joined to it."""


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
            kind = _OBJECTS[check.name]
            place = store.place(object_path(check.index))
            kind.keep(check.index, partial(_table, store, check.index, place, kind.schema))


def _table(store: Store, digest: str, place: str, schema: pa.Schema) -> pa.Table:
    return read_parquet(store.get_object(digest), place, schema)
