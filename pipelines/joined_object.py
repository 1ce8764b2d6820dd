"""One object that run.yaml joins to a check: made by the driver, kept in the ledger, held by every process that looks at records."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import pyarrow as pa

from manifests.parquet import read_parquet
from manifests.store import Store

FileRow = tuple[str, str, int, str]
"""A row of the run's files table: (name, digest, rows, kind)."""


@dataclass(frozen=True)
class JoinedObject(ABC):
    """*check*: with its settings, of which `index` names *data*, the Parquet bytes; *rows* in it.

    A kind of them says *file*, its name in the run's files table; *kind*, its schema's name; *schema*; *key* of run.yaml.
    """

    file: ClassVar[str]
    kind: ClassVar[str]
    key: ClassVar[str]
    schema: ClassVar[pa.Schema]

    check: Any
    data: bytes
    rows: int

    @staticmethod
    @abstractmethod
    def keep(digest: str, table: Callable[[], pa.Table], /) -> Any:
        """Hold for this process what *digest* names; *table* gives it where it is not held yet."""

    def put(self, store: Store) -> list[FileRow]:
        """Keep the object; gives its row of the run's files table."""
        return [(self.file, store.put_object(self.data), self.rows, self.kind)]

    def use(self) -> None:
        """Hold it for this process, where no ledger has it yet."""
        assert self.check.index is not None
        type(self).keep(self.check.index, lambda: read_parquet(self.data, self.key, self.schema))
