"""What the check of personal information found in a batch, for another check that asks for it: worked out once."""

from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from checks.loaded import per_thread

if TYPE_CHECKING:
    from checks.personal.check import Personal

_PLACE: Final = "checks.personal.last"
_READ: Final = ("text", "url", "row")


def keep_findings(personal: "Personal", batch: pa.RecordBatch, findings: pa.Table) -> None:
    """Keep what *personal* found in *batch*, in place of what this thread kept before.

    The memo holds the very columns it is of, so their buffers cannot be freed and their addresses used anew.
    """
    memo: dict[str, Any] = per_thread(_PLACE, dict)
    memo.clear()
    memo.update(key=_key(personal, batch), held=[batch.column(name) for name in _READ], findings=findings)


def findings_of(personal: "Personal", batch: pa.RecordBatch) -> pa.Table:
    """The findings of *personal* in *batch* (PERSONAL_FINDING): those kept, else it looks."""
    memo: dict[str, Any] = per_thread(_PLACE, dict)
    if memo.get("key") == _key(personal, batch):
        kept: pa.Table = memo["findings"]
        return kept
    return personal.look(batch).findings


def _key(personal: "Personal", batch: pa.RecordBatch) -> tuple[Any, ...]:
    columns = [batch.column(name) for name in _READ]
    places = [
        (str(c.type), c.offset, len(c), *((b.address, b.size) if b else None for b in c.buffers())) for c in columns
    ]
    return personal, *places
