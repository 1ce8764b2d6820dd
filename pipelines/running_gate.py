"""The gate of a scanned or sealed run, and what the terminal says of it."""

from collections.abc import Mapping
from typing import Any

from manifests.ledger import open_ledger
from manifests.log import GATED, append
from manifests.runs import load_manifest, sealed_run
from pipelines.config import Loaded
from pipelines.gate import Held, hold
from pipelines.run import Scanned
from schemas.canonical import canonical_json, sha256_hex
from schemas.manifest import Measured
from schemas.rule import EFFECTS, PASS

NAMED_SOURCES = 6


def gate_of(scanned: Scanned) -> Held:
    """Hold the policy against what was just measured."""
    return _held(scanned.loaded, scanned.measures)


def gate_again(loaded: Loaded, run: str) -> tuple[Held, str]:
    """Hold the policy against a sealed run's measures; writes gates/<n>.json and its log entry, and gives its path."""
    ledger = open_ledger(loaded.resolve(loaded.run.ledger))
    manifest = load_manifest(ledger.store, sealed_run(ledger.store, run))
    held = _held(loaded, list(manifest.measures))
    data = canonical_json(held.as_json())
    number = 1
    while not ledger.store.put_new(path := f"runs/{run}/gates/{number}.json", data):
        number += 1
    append(ledger, GATED, {"run": run, "gate": number, "gate_sha256": sha256_hex(data), "effect": held.effect})
    return held, path


def told_of_gate(result: Mapping[str, Any], held: Held) -> list[str]:
    """The lines a person reads after a run: what was read, what was not, what to fix."""
    files, records = result["counts"]["files"], result["counts"]["records"]
    return [
        f"run {result['run']}",
        f"files    {files['listed']:,} listed = {files['read']:,} read + {files['not_looked_at']:,} not looked at"
        f" + {files['unreadable']:,} unreadable",
        f"records  {records['read']:,} read = {records['looked_at']:,} looked at + {records['unread']:,} unread",
        f"work     {sum(result['made'].values()):,} items made, {sum(result['reused'].values()):,} taken from earlier runs",
        *(f"unreadable: {problem}" for problem in result["unreadable"][:10]),
        f"copies   {result['counts']['decisions']['dropped']:,} exact copies marked to drop"
        if result["counts"]["decisions"]
        else "copies   not looked for",
        *shown_lines(held),
        f"gate: {held.effect}"
        + ("; the run is stopped, mend what is told above and run again" if held.exit_code else ""),
        f"manifest {'signed' if result['signed'] else 'not signed (no keys.sign in run.yaml)'}, sha256 {result['manifest_sha256'][:16]}…,"
        f" log entry {result['log_index']}",
        f"report   corpusledger disclose {result['run']} --ledger {result['ledger']} --regime cn-art19 --output report.html",
    ]


def shown_lines(held: Held) -> list[str]:
    """What to fix, one line a rule, the strongest effect first; where a rule fails on many sources, the others by name."""
    order = (*EFFECTS, PASS)
    lines = []
    for outcome in sorted(held.outcomes, key=lambda o: order.index(o.effect)):
        if outcome.effect == PASS or not outcome.lines:
            continue
        others = [case.scope for case in outcome.cases if case.state not in ("met", "not_applicable")][1:]
        named = ", ".join(others[:NAMED_SOURCES]) + (f" and {len(others) - NAMED_SOURCES:,} more" if len(others) > NAMED_SOURCES else "")
        lines.append(f"{outcome.effect}: {outcome.lines[0]}" + (f" [so do: {named}]" if others else ""))
    return lines


def told_of_scan(result: Mapping[str, Any]) -> str:
    """One line after a scan."""
    made, reused = sum(result["made"].values()), sum(result["reused"].values())
    return (
        f"scanned {result['run']}: {result['records_read']:,} records read, {result['records_looked_at']:,} looked at;"
        f" {made:,} work items made, {reused:,} reused; not gated, not sealed: `corpusledger run` goes on from here"
    )


def _held(loaded: Loaded, measures: list[Measured]) -> Held:
    facts = {s.id: s.facts(loaded.as_of) for s in loaded.sources}
    return hold(loaded.policy, measures, facts, loaded.run.facts(), loaded.places)
