"""What the driver tells the steps of the deduplication: units, objects, segments to merge or to take from earlier runs."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import pyarrow.parquet as pq

from checks.duplicates import Duplicates
from checks.listed import Listed
from checks.selection import Selection
from manifests.copies import EVIDENCE
from manifests.ledger import Ledger
from manifests.runs import load_manifest, sealed_runs
from manifests.tables import read_files
from pipelines.attempts import Desk
from pipelines.config import Loaded
from pipelines.dedup.before import Compared, before_dedup, is_permitted
from pipelines.dedup.known import KNOWN_PAIRS
from pipelines.dedup.measured import is_of_scheme
from pipelines.dedup.room import write_brief
from pipelines.dedup.segments import KINDS, ROLE, WORKS, segments_of
from pipelines.sorted_rows import opened
from pipelines.unit import Looked
from pipelines.works import READING
from schemas.canonical import canonical_json, parse_json

INDEX: Final = "index/bands"
TAKES_OUT: Final = (Listed.name, Selection.name)
"""Checks of which a finding takes its record out; a record that several take out goes for the first."""
STANDING_CHECKS: Final = ("duplicates", "licence", "personal", "provenance", "quality")
SEGMENTS_OF_A_SIZE: Final = 16
"""More earlier segments of one size are merged anew, so that a range is not read from ever more files."""


def brief_dedup(
    ledger: Ledger, desk: Desk, loaded: Loaded, plan: Sequence[Mapping[str, Any]], looked: Sequence[Looked],
    erased: Sequence[str] = (),
) -> str:  # fmt: skip
    """Write the brief; gives the name of the deduplication's folder. *erased*: content ids that requests name."""
    check = next(c for c in loaded.checks if isinstance(c, Duplicates))
    earlier, listed = before_dedup(ledger, loaded)
    tombstones = sorted({*listed, *erased})
    names: list[dict[str, Any]] = [{"id": s, "run": None} for s in sorted({str(u["source"]) for u in plan})]
    place = {n["id"]: i for i, n in enumerate(names)}
    units: list[dict[str, Any]] = [_own(loaded, unit, seen, place) for unit, seen in zip(plan, looked, strict=True)]
    mine = {_identity(u["source"], u["files"][0]["shard"], u["files"][0]["start"], s.works[READING]): i
            for i, (u, s) in enumerate(zip(plan, looked, strict=True))}  # fmt: skip
    own = len(units)
    planned: dict[int, Mapping[str, Any]] = {}
    before: list[dict[str, Any]] = []
    for of_own in units if earlier else ():
        of_own["permitted"] = is_permitted(names[of_own["source"]]["id"], loaded.sources, {}, loaded.as_of)
    for run in earlier:
        before.append({"run": run.run, "evidence": _evidence(ledger, run), "units": []})
        for theirs, files in _theirs(run, names, loaded):
            first = files["files"][0]
            identity = _identity(theirs.pop("source_id"), first["shard"], first["start"], theirs["work"])
            same = mine.get(identity)
            if same is not None:
                # The same place in both runs, or in two compared ones: no copy, and there before what is new.
                units[same]["earlier"] = True
                before[-1]["units"].append([theirs["number"], same])
                if run.run > units[same].get("decided", ""):  # what the newest of them dropped is dropped
                    units[same]["before" if same < own else "decisions"] = theirs["decisions"]
                    units[same]["decided"] = run.run
                continue
            mine[identity] = len(units)
            before[-1]["units"].append([theirs["number"], len(units)])
            planned[len(units)] = files
            units.append(theirs)
    looked_at = [0] * len(place)
    for unit, seen in zip(plan, looked, strict=True):
        looked_at[place[unit["source"]]] += sum(rows - unread for rows, unread, _ in seen.results[READING].files)
    objects: dict[str, Mapping[str, Any]] = {}
    for each in units:  # of one file under two sources the one for pre-training has no parts
        objects[each["work"]] = {**objects.get(each["work"], {}), **each.pop("roles")}
    brief = {
        "units": units, "own": own, "sources": names, "looked": looked_at, "scheme": check.scheme,
        "tombstones": tombstones, "segments": _segments(ledger, earlier, check, objects),
        "pairs": _measured_pairs(ledger, earlier, check), "before": before,
        "settings": {
            "threshold_ppm": loaded.run.dedup.threshold_ppm, "verify": loaded.run.dedup.verify,
            "max_nodes": loaded.run.dedup.max_nodes, "mostly_copies_ppm": loaded.run.dedup.mostly_copies_ppm,
        },
    }  # fmt: skip
    name = write_brief(desk, brief)
    for number, read in planned.items():
        desk.store.put(desk.path("dedup", name, "compared", f"{number:08d}.json"), canonical_json(read))
    return name


def _identity(source: str, shard: str, start: int | None, work: str) -> tuple[Any, ...]:
    return source, shard, start or 0, work


def _own(loaded: Loaded, unit: Mapping[str, Any], seen: Looked, place: Mapping[str, int]) -> dict[str, Any]:
    source = next((s for s in loaded.sources if s.id == unit["source"]), None)
    told = {name: result.objects for name, result in seen.results.items()}
    return {
        "work": seen.works[READING], "run": None, "number": unit["unit"], "source": place[unit["source"]],
        "rows": sum(rows for rows, _, _ in seen.results[READING].files), "earlier": False, "decisions": None,
        "taken_out": [told[c]["findings"]["sha256"] for c in TAKES_OUT if "findings" in told.get(c, {})],
        "licence": 0 if source is not None and (source.licence or source.legal_basis) else 1,
        "provenance": 0 if source is not None else 1, **_objects(told),
    }  # fmt: skip


def _objects(told: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> dict[str, Any]:
    copies = told.get("duplicates", {})
    return {
        "records": told.get(READING, {}).get("records", {}).get("sha256"),
        "signatures": {r: told["sha256"] for r, told in copies.items() if r.startswith("signatures")},
        "columns": {c: told[c]["columns"]["sha256"] for c in STANDING_CHECKS if "columns" in told.get(c, {})},
        "roles": {r: {"sha256": copies[r]["sha256"], "rows": copies[r]["rows"]} for r in ROLE.values() if r in copies},
    }


def _theirs(
    run: Compared, names: list[dict[str, Any]], loaded: Loaded
) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """(unit, how it is read once more) of a compared run; adds its sources to *names*."""
    rows = sorted(run.units.to_pylist(), key=lambda r: (-1 if r["unit"] is None else r["unit"], r["first_row"] or 0))
    place: dict[str, int] = {}
    declared = {s.id: s.declared for s in run.manifest.registry.sources}
    held: list[dict[str, Any]] = []
    for row in [*rows, {"unit": None}]:
        if held and row["unit"] != held[0]["unit"]:
            head = next(r for r in held if r["objects"] is not None)
            told, works = json.loads(head["objects"]), json.loads(head["works"])
            if head["source"] not in place:
                place[head["source"]] = len(names)
                names.append({"id": head["source"], "run": run.run})
            said = declared.get(head["source"], {})
            decided = told.get("decisions", {}).get("decisions", {}).get("sha256")
            yield {
                "work": works[READING], "run": run.run, "number": head["unit"], "source": place[head["source"]],
                "source_id": head["source"], "rows": sum(r["rows"] for r in held), "earlier": True, "decisions": decided,
                "licence": 0 if said.get("licence") or said.get("legal_basis") else 1,
                "provenance": 0 if head["source"] in declared else 1, "decided": run.run,
                "permitted": is_permitted(head["source"], loaded.sources, said, loaded.as_of), **_objects(told),
            }, {
                "files": [_file(r) for r in held], "file_rows": [r["rows"] for r in held],
                "kills": json.loads(head["unread_by"]).get(READING, 0) > 0, "bytes": sum(r["shard_bytes"] for r in held),
            }  # fmt: skip
            held = []
        if row["unit"] is not None:
            held.append(row)


def _file(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "shard": row["shard"], "uri": row["uri"], "token": row["token"], "start": row["range_start"], "end": row["range_end"],
        "framing": json.loads(row["framing"]) if row["framing"] is not None else None, "problem": None,
    }  # fmt: skip


def _segments(
    ledger: Ledger, earlier: Sequence[Compared], check: Duplicates, objects: Mapping[str, Mapping[str, Any]]
) -> dict[str, list[dict[str, Any]]]:
    """kind -> segments: earlier ones taken as they are, and members to merge where no earlier one holds them."""
    known = _earlier_segments(ledger, earlier, check)
    found: dict[str, list[dict[str, Any]]] = {}
    for kind in KINDS:
        role, taken, owned = ROLE[kind], [], set()
        for segment in known[kind]:
            mine = [role in objects.get(w, {}) and w not in owned for w in segment["works"]]
            if 2 * sum(mine) >= len(mine):
                owned |= {w for w, m in zip(segment["works"], mine, strict=True) if m}
                taken.append({**segment, "mine": mine})
        sizes: dict[int, list[dict[str, Any]]] = {}
        for segment in taken:
            sizes.setdefault(_size(int(segment["rows"])), []).append(segment)
        many = [s for of_size in sizes.values() if len(of_size) > SEGMENTS_OF_A_SIZE for s in of_size]
        for segment in many:
            taken.remove(segment)
            owned -= {w for w, m in zip(segment["works"], segment["mine"], strict=True) if m}
        members = [{"work": w, **roles[role]} for w, roles in objects.items() if role in roles and w not in owned]
        found[kind] = [*taken, *({"sha256": None, "members": m} for m in segments_of(members, kind))]
    return found


def _earlier_segments(
    ledger: Ledger, earlier: Sequence[Compared], check: Duplicates
) -> dict[str, list[dict[str, Any]]]:
    """Index files of the compared runs and of the newest run, the newest first, of this scheme alone."""
    runs = [c.manifest for c in reversed(earlier)]
    sealed = sealed_runs(ledger.store)
    if sealed and sealed[-1].run not in {m.run for m in runs}:
        runs.insert(0, load_manifest(ledger.store, sealed[-1]))
    found: dict[str, list[dict[str, Any]]] = {kind: [] for kind in KINDS}
    seen: set[str] = set()
    for manifest in runs:
        entry = next((c for c in manifest.checks if c.name == check.name), None)
        if entry is None or dict(entry.inputs) != check.inputs():
            continue
        for row in read_files(ledger.store, manifest).to_pylist():
            _, _, rest = row["name"].partition(f"{INDEX}/")
            kind = rest.split("/")[0]
            if kind not in found or row["digest"] in seen:
                continue
            seen.add(row["digest"])
            kept = pq.read_metadata(opened(ledger.store, row["digest"])).metadata or {}
            found[kind].append({"sha256": row["digest"], "rows": row["rows"], "works": parse_json(kept[WORKS])})
    return found


def _evidence(ledger: Ledger, run: Compared) -> list[str]:
    rows = read_files(ledger.store, run.manifest).to_pylist()
    return [row["digest"] for row in rows if row["name"].startswith(EVIDENCE)]


def _measured_pairs(ledger: Ledger, earlier: Sequence[Compared], check: Duplicates) -> list[dict[str, Any]]:
    """The compared runs' files of measured pairs of this scheme, each once; *merge*: too many of a size lie together."""
    rows: dict[str, int] = {}
    for run in earlier:
        for row in read_files(ledger.store, run.manifest).to_pylist():
            if not row["name"].startswith(f"{KNOWN_PAIRS}/") or row["digest"] in rows:
                continue
            if is_of_scheme(pq.read_metadata(opened(ledger.store, row["digest"])).metadata, check.scheme):
                rows[row["digest"]] = row["rows"]
    sizes = Counter(_size(count) for count in rows.values())
    return [{"sha256": d, "rows": n, "merge": sizes[_size(n)] > SEGMENTS_OF_A_SIZE} for d, n in rows.items()]


def _size(rows: int) -> int:
    """Files of one size: each has less than four times the rows of another one."""
    return rows.bit_length() // 2
