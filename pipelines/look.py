"""The DoFns of LOOK: units in; descriptors and bounded tallies out. No text, no batch, no table ever leaves them."""

from collections.abc import Iterable, Iterator
from typing import Any

import apache_beam as beam

from checks.base import decode_tally, encode_tally
from pipelines.isolate import look_isolated
from pipelines.measures import merged_tallies
from pipelines.outputs import WorkResult
from pipelines.settings import LOOKED_A_GROUP, Bench, bench_of, read_units
from pipelines.unit import Looked, changed_shards, hashed, look_at
from pipelines.works import work_ids
from schemas.canonical import canonical_json, parse_json
from schemas.errors import LedgerError, RunError

TALLIES = "tallies"


class ReadPlan(beam.DoFn):
    """Name of a plan file -> its planned units, as canonical JSON."""

    def __init__(self, ledger: str, run: str) -> None:
        self.ledger, self.run = ledger, run

    def process(self, path: str) -> Iterator[bytes]:
        """Yield one element a unit, of about a kilobyte."""
        for unit in read_units(bench_of(self.ledger, self.run).desk.store, path):
            yield canonical_json(unit)


class Look(beam.DoFn):
    """A planned unit -> (group, descriptor); and to `TALLIES`, (source, the tallies of all checks)."""

    def __init__(self, ledger: str, run: str) -> None:
        self.ledger, self.run = ledger, run

    def process(self, planned: bytes) -> Iterator[Any]:
        """Look at one unit, or take its memo."""
        bench = bench_of(self.ledger, self.run)
        unit = parse_json(planned)
        looked = self._remembered(bench, unit) or self._looked(bench, unit)
        yield looked.unit // LOOKED_A_GROUP, canonical_json(looked.as_json())
        yield beam.pvalue.TaggedOutput(TALLIES, (unit["source"], tallies_of(bench, looked)))

    def _remembered(self, bench: Bench, unit: dict[str, Any]) -> Looked | None:
        memo = bench.desk.memo(unit["unit_id"])
        if memo is None:
            return None
        if not all(f["strong"] for f in unit["files"]) and hashed(unit)["input"] != memo["input_digest"]:
            return None  # a weak token: believed only after hashing
        if changed_shards(unit):
            return None  # since it was read: its unit says so, and the next start lists anew
        # Twins of equal unit id (one file under two sources) share a memo but not a number.
        return Looked.of_json(memo | {"unit": unit["unit"]}) if _same_works(bench, unit, memo) else None

    def _looked(self, bench: Bench, unit: dict[str, Any]) -> Looked:
        desk, ident = bench.desk, unit["unit_id"]
        poisoned = desk.left_behind(ident)
        attempt = desk.begin(ident)
        registry = bench.settings.registry.get(unit["source"], {})
        try:
            if poisoned:
                looked = look_isolated(self.ledger, self.run, unit)
            else:
                looked = look_at(unit, bench.settings.checks, registry, bench.works, desk.store)
        except LedgerError:
            desk.end(attempt, ident)  # a full disk, a store that is away: no record's doing
            raise
        except (OSError, MemoryError):
            raise
        except Exception as err:  # noqa: BLE001  # the runner logs what passes here, and its text may hold what was read
            raise RunError(_unexpected(err)) from None
        if looked.changed:
            # A file that is being written fails its unit; what other units finished stays, for the next start.
            desk.end(attempt, ident)
            return looked
        desk.remember(ident, looked.as_json())
        desk.end(attempt, ident)
        return looked


@beam.typehints.with_input_types(bytes)
@beam.typehints.with_output_types(bytes)
class AddUp(beam.CombineFn):
    """Merges tallies, work by work; one for all checks."""

    def __init__(self, ledger: str, run: str) -> None:
        self.ledger, self.run = ledger, run

    def create_accumulator(self) -> bytes:
        """No unit yet."""
        return canonical_json({})

    def add_input(self, held: bytes, tallies: bytes) -> bytes:
        """Add the tallies of one more unit, or of several."""
        checks = bench_of(self.ledger, self.run).settings.checks
        return encode_tally(merged_tallies(checks, decode_tally(held), decode_tally(tallies)))

    def merge_accumulators(self, accumulators: Iterable[bytes]) -> bytes:
        """Add accumulators; order does not matter."""
        total = self.create_accumulator()
        for held in accumulators:
            total = self.add_input(total, held)
        return total

    def extract_output(self, total: bytes) -> bytes:
        """Canonical JSON: work name -> tally."""
        return total

    def get_accumulator_coder(self) -> beam.coders.Coder:
        """As bytes; Beam would pickle what it knows no type of."""
        return beam.coders.BytesCoder()


class CommitLooked(beam.DoFn):
    """(group, descriptors) -> one file of the run's output collection; equal input, equal bytes."""

    def __init__(self, ledger: str, run: str) -> None:
        self.ledger, self.run = ledger, run

    def process(self, group: tuple[int, Iterable[bytes]]) -> Iterator[int]:
        """Write the group's descriptors in unit order."""
        desk = bench_of(self.ledger, self.run).desk
        looked = sorted((parse_json(d) for d in group[1]), key=lambda d: d["unit"])
        desk.store.put(desk.path("looked", f"{group[0]:08d}.json"), canonical_json(looked))
        yield group[0]


class CommitTallies(beam.DoFn):
    """(source, tallies) -> one file a source."""

    def __init__(self, ledger: str, run: str) -> None:
        self.ledger, self.run = ledger, run

    def process(self, summed: tuple[str, bytes]) -> Iterator[str]:
        """Write the source's tallies."""
        desk = bench_of(self.ledger, self.run).desk
        tallies = canonical_json({"source": summed[0], "tallies": parse_json(summed[1])})
        desk.store.put(desk.path("summed", f"{summed[0]}.json"), tallies)
        yield summed[0]


def _unexpected(err: Exception) -> str:
    trace, place = err.__traceback__, "unknown place"
    while trace is not None:
        place, trace = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}", trace.tb_next
    return f"{place}: unexpected {type(err).__name__}; this is a defect, please report it with this line"


def tallies_of(bench: Bench, looked: Looked) -> bytes:
    """The tallies of a unit from its objects: a reused unit is added up like a new one."""
    tallies = {}
    for name, result in looked.results.items():
        stored = parse_json(bench.desk.store.get_object(_tally_object(looked, name, result)))
        tallies[name] = {"tally": stored["tally"], "unread": stored["unread"]}
    return encode_tally(tallies)


def _tally_object(looked: Looked, name: str, result: WorkResult) -> str:
    if "tally" not in result.objects:
        msg = f"unit {looked.unit}: {name} left no tally; run again with --fresh"
        raise RunError(msg)
    digest: str = result.objects["tally"]["sha256"]
    return digest


def _same_works(bench: Bench, unit: dict[str, Any], memo: dict[str, Any]) -> bool:
    registry = bench.settings.registry.get(unit["source"], {})
    return bool(work_ids(memo["input_digest"], unit["files"], bench.settings.checks, registry) == memo["works"])
