"""A unit whose worker died, looked at in a child process: batch by batch, then record by record, until the killer is named.

The child announces every step before it takes it, in a small file; when it dies, the parent knows where. A record that
kills the child twice is unread, with the reason (signal, memory, time limit), and the rest of the unit is kept.
"""

import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from pipelines.normalise import Framed
from pipelines.read.base import Careful
from pipelines.settings import bench_of
from pipelines.supervise import end_with
from pipelines.unit import Looked, look_at
from schemas.canonical import parse_json
from schemas.errors import LedgerError, RunError

MEMORY_BYTES: Final = 12 << 30
"""Address space of the child; one record that needs more is unread."""
STEP_S: Final = 600
"""One announced step may take so long; a record that takes more is unread."""
DEATHS_A_UNIT: Final = 200
"""So often may a unit kill its child before the run fails; each takes a few seconds."""
_OUT_OF_MEMORY: Final = 66
_REFUSED: Final = 67
_TO_THE_END: Final = 1 << 62


@dataclass
class Suspicion:
    """What is known about the killers of one unit; grows from death to death."""

    slow_offsets: dict[int, list[tuple[int, int]]] = field(default_factory=dict)  # file -> decoded ranges read singly
    skip_offsets: dict[int, dict[int, str]] = field(default_factory=dict)  # file -> offset -> reason
    slow_rows: list[tuple[int, int]] = field(default_factory=list)
    skip_rows: dict[int, str] = field(default_factory=dict)
    deaths: Counter[str] = field(default_factory=Counter)

    def blame(self, step: Mapping[str, Any], reason: str) -> None:
        """Narrow down after a death at *step*."""
        self.deaths[json.dumps(step, sort_keys=True)] += 1
        twice = self.deaths[json.dumps(step, sort_keys=True)] >= 2  # data-path §6: kills the child twice
        if step["at"] == "rows":
            first, last = step["first"], step["last"]
            if first < last:
                self.slow_rows.append((first, last + 1))
            elif twice:
                self.skip_rows[first] = reason
        else:
            file, offset = step["file"], step["offset"]
            ranges = self.slow_offsets.setdefault(file, [])
            if not any(a <= offset < b for a, b in ranges):
                ranges.append((offset, _TO_THE_END))
            elif twice:
                self.skip_offsets.setdefault(file, {})[offset] = reason

    def as_json(self) -> dict[str, Any]:
        """JSON form, for the child."""
        return {
            "slow_offsets": list(self.slow_offsets.items()),
            "skip_offsets": [[f, list(o.items())] for f, o in self.skip_offsets.items()],
            "slow_rows": self.slow_rows,
            "skip_rows": list(self.skip_rows.items()),
        }

    @staticmethod
    def of_json(value: Mapping[str, Any]) -> "Suspicion":
        """The value of its JSON form."""
        return Suspicion(
            {f: [(a, b) for a, b in r] for f, r in value["slow_offsets"]},
            {f: dict(o) for f, o in value["skip_offsets"]},
            [(a, b) for a, b in value["slow_rows"]],
            dict(value["skip_rows"]),
        )


@dataclass
class Announced:
    """The child's way of looking (pipelines.unit.Care): says each step before it takes it."""

    told: int  # file descriptor
    suspicion: Suspicion

    def say(self, **step: Any) -> None:
        """Write the step where the parent finds it when this process is gone."""
        os.pwrite(self.told, json.dumps(step).encode().ljust(256), 0)

    def reading(self, file: int) -> Careful:
        """How to read that file."""
        slow = tuple(self.suspicion.slow_offsets.get(file, ()))
        return Careful(
            lambda offset: self.say(at="read", file=file, offset=offset),
            slow,
            self.suspicion.skip_offsets.get(file, {}),
        )

    def pieces(self, batch: pa.RecordBatch, framed: Framed) -> Iterator[pa.RecordBatch]:
        """The batch, cut to single rows where it is suspect, without the rows that kill."""
        rows = batch.column("row").to_pylist()
        start = 0
        while start < len(rows):
            if rows[start] in self.suspicion.skip_rows:
                self._leave_out(batch.slice(start, 1), framed)
                start += 1
                continue
            end = start + 1
            if not self._is_slow(rows[start]):
                while end < len(rows) and not self._is_slow(rows[end]) and rows[end] not in self.suspicion.skip_rows:
                    end += 1
            self.say(at="rows", first=rows[start], last=rows[end - 1])
            yield batch.slice(start, end - start)
            start = end

    def _is_slow(self, row: int) -> bool:
        return any(a <= row < b for a, b in self.suspicion.slow_rows)

    def _leave_out(self, row: pa.RecordBatch, framed: Framed) -> None:
        number, file, offset, length = (row.column(c)[0].as_py() for c in ("row", "file", "offset", "length"))
        framed.unread.append((number, file, offset, length, self.suspicion.skip_rows[number]))
        framed.unread.sort()
        framed.file_unread[file] += 1


def look_isolated(
    ledger: str, run: str, unit: Mapping[str, Any], memory_bytes: int = MEMORY_BYTES, step_s: int = STEP_S
) -> Looked:
    """Look at a unit in child processes until one comes through.

    Raises `RunError` where the child dies before its first step, or more than `DEATHS_A_UNIT` times.
    """
    suspicion = Suspicion()
    place = unit["files"][0]["shard"]
    for _ in range(DEATHS_A_UNIT):
        with tempfile.TemporaryDirectory(prefix="corpusledger-") as folder:
            task = {
                "ledger": ledger,
                "run": run,
                "unit": unit,
                "suspicion": suspicion.as_json(),
                "memory": memory_bytes,
            }
            (Path(folder) / "task.json").write_text(json.dumps(task), encoding="utf-8")
            reason = _run_child(folder, step_s)
            if reason is None:
                result: Looked = Looked.of_json(parse_json((Path(folder) / "looked.json").read_bytes()))
                return result
            told = (Path(folder) / "step").read_bytes().strip()
        if not told:
            msg = f"{place}: its worker died before it read anything ({reason}); see `corpusledger doctor`"
            raise RunError(msg)
        suspicion.blame(json.loads(told), reason)
    msg = f"{place}: killed its worker {DEATHS_A_UNIT} times; take the file out of the source, or mend it"
    raise RunError(msg)


def _run_child(folder: str, step_s: int) -> str | None:
    step = Path(folder) / "step"
    step.touch()
    child = subprocess.Popen(
        [sys.executable, "-m", "pipelines.isolate", folder, str(os.getpid())],
        stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,  # how it dies is told by its exit code, never in a traceback
    )  # fmt: skip
    last, since = b"", time.monotonic()
    while (code := child.poll()) is None:
        now = step.read_bytes()
        if now != last:
            last, since = now, time.monotonic()
        elif time.monotonic() - since > (step_s if last else STEP_S):  # a start takes its time on a busy machine
            child.send_signal(signal.SIGKILL)
            child.wait()
            return "killed: time limit"
        time.sleep(0.05)
    if code == 0:
        return None
    if code == _REFUSED:
        raise RunError((Path(folder) / "refused").read_text(encoding="utf-8"))
    return (
        "killed: memory"
        if code in (_OUT_OF_MEMORY, -signal.SIGKILL)
        else f"killed: signal {-code}"
        if code < 0
        else "killed: exit"
    )


def _main(folder: str) -> int:
    task = json.loads((Path(folder) / "task.json").read_text(encoding="utf-8"))
    resource.setrlimit(resource.RLIMIT_AS, (task["memory"], task["memory"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        bench = bench_of(task["ledger"], task["run"])
        told = os.open(Path(folder) / "step", os.O_WRONLY)
        unit = task["unit"]
        care = Announced(told, Suspicion.of_json(task["suspicion"]))
        looked = look_at(
            unit, bench.settings.checks, bench.settings.registry.get(unit["source"], {}), bench.works,
            bench.desk.store, care,
        )  # fmt: skip
    except MemoryError:
        return _OUT_OF_MEMORY
    except LedgerError as err:
        (Path(folder) / "refused").write_text(str(err), encoding="utf-8")
        return _REFUSED
    (Path(folder) / "looked.json").write_text(json.dumps(looked.as_json()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is its parent's to answer, and no record's doing
    end_with(int(sys.argv[2]))
    sys.exit(_main(sys.argv[1]))
