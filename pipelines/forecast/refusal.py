"""Why a run would not fit, or would be slow, with the figures and the setting to change. Pure: of a forecast's figures."""

from typing import Final

from pipelines.forecast.costs import NODE_BYTES, UNION_FIND
from pipelines.forecast.figures import Figure, Figures

_UNITS: Final = ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB")
_OFF: Final = "set checks.duplicates: off"


def refusals(figures: Figures, place: str, verify: str, temporary: str, *, local: bool) -> list[str]:
    """One line for each reason, none where the run fits as far as is known.

    *place*: run.yaml; *verify*: its mode; *temporary*: the folder of temporary files; *local*: does this machine do the work?
    """
    found = []
    memory, free = figures.get("memory_all_processes"), _value(figures, "memory_free")
    if local and memory is not None and memory.value is not None and free is not None and memory.value > free:
        largest = max(
            (n for n in (figures["memory"].parts or {}) if not n.startswith("program")),
            key=lambda n: _part(figures, n),
        )
        least = figures["memory"].value or 0
        way = "take fewer workers (--workers), " if least <= free else ""
        found.append(
            f"{place}: memory: {_told(memory)} needed, {size_of(free)} free; most of it for {largest} "
            f"({size_of(_part(figures, largest))}); {way}use a larger machine or another runner, or {_OFF}"
            + (_by_rounds(figures, free) if largest == UNION_FIND else "")
        )
    found += _disks(figures, place, verify, temporary, local=local)
    return found


def slower(figures: Figures, place: str) -> list[str]:
    """A line where the run fits, but one setting makes it slower than it could be."""
    nodes, most = _value(figures, "near_copy_records"), _value(figures, "max_nodes")
    if nodes is None or most is None or nodes <= most:
        return []
    return [
        f"{place}: dedup.max_nodes: {_told(figures['near_copy_records'])} have a near copy, more than {most:,}: they are "
        f"joined by rounds, jobs of their own, which is slower; to join them at once raise dedup.max_nodes (union-find "
        f"takes {size_of(NODE_BYTES * nodes)} of memory for them)"
    ]


def _by_rounds(figures: Figures, free: int) -> str:
    """The setting that spares union-find's memory, if what is left is enough for the rest."""
    memory = figures["memory"]
    spare = free - (memory.value or 0) + _part(figures, UNION_FIND)
    return (
        f"; or set dedup.max_nodes: {spare // NODE_BYTES}, and they are joined by rounds, slower"
        if spare > NODE_BYTES
        else ""
    )


def _disks(figures: Figures, place: str, verify: str, temporary: str, *, local: bool) -> list[str]:
    found = []
    needed, free = figures.get("ledger_disk"), _value(figures, "ledger_disk_free")
    if needed is not None and needed.value is not None and free is not None and needed.value > free:
        sets = (figures["exchange_written_work"].parts or {}).get("shingle sets", 0)
        less = {"exact": "near or estimate", "near": "estimate"}.get(verify)
        way = f"set dedup.verify: {less} (spares up to {size_of(sets)}), " if less and sets else ""
        found.append(
            f"{place}: ledger: {_told(needed)} needed on its disk, {size_of(free)} free; free some space, name another "
            f"ledger, {way}or {_OFF} (spares {size_of(_exchange(figures))})"
        )
    needed, free = figures.get("temporary_disk"), _value(figures, "temporary_disk_free")
    if local and needed is not None and needed.value is not None and free is not None and needed.value > free:
        found.append(
            f"{temporary}: {_told(needed)} needed for temporary files, {size_of(free)} free; let TMPDIR name another "
            f"folder, or take fewer workers (--workers)"
        )
    return found


def size_of(count: float) -> str:
    """Bytes in words."""
    for unit in _UNITS:
        if count < 1024 or unit == _UNITS[-1]:
            return f"{count:,.0f} {unit}" if unit == _UNITS[0] else f"{count:,.1f} {unit}"
        count /= 1024
    raise AssertionError(count)


def amount(figure: Figure) -> str:
    """A figure's value in words, without its basis."""
    if figure.value is None:
        return "unknown"
    least = "at least " if figure.at_least else ""
    if figure.unit == "bytes":
        return least + size_of(figure.value)
    if figure.unit == "ppm":
        return f"{least}{figure.value / 10_000:.2f} %"
    if figure.unit == "ms":
        return f"{least}{figure.value / 1000:,.1f} s"
    return f"{least}{figure.value:,} {figure.unit}"


def _told(figure: Figure) -> str:
    return f"{amount(figure)} ({figure.basis})"


def _value(figures: Figures, name: str) -> int | None:
    return figures[name].value if name in figures else None


def _part(figures: Figures, name: str) -> int:
    return (figures["memory"].parts or {}).get(name, 0)


def _exchange(figures: Figures) -> int:
    return (_value(figures, "exchange_written_ledger") or 0) + (_value(figures, "exchange_written_work") or 0)
