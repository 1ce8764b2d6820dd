"""The gate of a scanned or sealed run, and what the terminal says of it."""

from collections.abc import Collection, Mapping
from shlex import quote
from typing import Any

from manifests.assessments import standing_of
from manifests.ledger import open_ledger
from manifests.log import GATED, append
from manifests.runs import load_manifest, sealed_run
from manifests.store import Store
from pipelines.config import Loaded
from pipelines.gate import hold
from pipelines.gate_words import MOST_LINES, STATE_WORDS, open_cases
from pipelines.held import Held, effect_of
from pipelines.review_measures import reviewed
from pipelines.run import Scanned
from schemas.canonical import canonical_json, sha256_hex
from schemas.manifest import Measured
from schemas.rule import EFFECTS, Outcome

NAMED_SOURCES = 6


def gate_of(scanned: Scanned) -> Held:
    """Hold the policy against what was just measured."""
    return _held(scanned.loaded, scanned.ledger.store, None, scanned.measures)


def gate_again(loaded: Loaded, run: str) -> tuple[Held, str]:
    """Hold the policy against a sealed run's measures; writes gates/<n>.json and its log entry, and gives its path.

    Only sources that the run knows are held; those registered since are named in `Held.left_out`.
    """
    ledger = open_ledger(loaded.resolve(loaded.run.ledger))
    manifest = load_manifest(ledger.store, sealed_run(ledger.store, run))
    known = {s.id for s in manifest.registry.sources} | {m.source for m in manifest.measures}
    held = _held(loaded, ledger.store, run, list(manifest.measures), known)
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
        _of_copies(result),
        *(_pasteable(line, result) for line in shown_lines(held)),
        f"gate: {held.effect}"
        + ("; the run is stopped, mend what is told above and run again" if held.exit_code else ""),
        f"manifest {'signed' if result['signed'] else 'not signed (no keys.sign in run.yaml)'}, sha256 {result['manifest_sha256'][:16]}…,"
        f" log entry {result['log_index']}",
        f"report   corpusledger disclose {result['run']} --ledger {result['ledger']} --regime cn-art19 --output report.html",
    ]


def _of_copies(result: Mapping[str, Any]) -> str:
    if not result["counts"]["decisions"]:
        return "copies   not looked for"
    found = result["copies"]
    told = f"{found['exact']:,} exact, {found['folded']:,} folded and {found['near']:,} near ones"
    copies = sum(found[kind] for kind in ("exact", "folded", "near"))
    others = result["counts"]["decisions"]["dropped"] - copies
    return f"copies   {copies:,} marked to drop: {told}" + (
        f"; {others:,} more dropped for another reason" if others > 0 else ""
    )


def shown_lines(held: Held) -> list[str]:
    """What to fix, a line for each rule and state, the strongest effect first; where more sources are so, they by name."""
    told = [pair for outcome in held.told for pair in _of_outcome(outcome)]
    told.sort(key=lambda pair: EFFECTS.index(pair[0]))
    return [*(f"{effect}: {line}" for effect, line in told), *held.left_out_lines]


def _of_outcome(outcome: Outcome) -> list[tuple[str, str]]:
    """(effect, line) for each state that stands in the way."""
    cases = open_cases(outcome.cases)
    if not cases:  # no source at all
        return [(outcome.effect, line) for line in outcome.lines]
    found = []
    for state in dict.fromkeys(case.state for case in cases):
        at = [number for number, case in enumerate(cases) if case.state == state]
        names, others = [cases[number].scope for number in at], len(at) - 1
        if at[0] < MOST_LINES:
            line, names = outcome.lines[at[0]], names[1:]
        else:
            line = f"{outcome.rule.title.en}: {STATE_WORDS[state].en} [{outcome.rule.id}]"
            others += 1
        more = f" and {others - NAMED_SOURCES:,} more" if others > NAMED_SOURCES else ""
        named = f" [also: {', '.join(names[:NAMED_SOURCES])}{more}]" if others else ""
        found.append((effect_of(outcome.rule, state), line + named))
    return found


def _pasteable(line: str, result: Mapping[str, Any]) -> str:
    """*line* with this run and ledger in the commands that it names."""
    return line.replace(" RUN --ledger LEDGER", f" {result['run']} --ledger {quote(result['ledger'])}")


def told_of_scan(result: Mapping[str, Any]) -> str:
    """One line after a scan."""
    made, reused = sum(result["made"].values()), sum(result["reused"].values())
    return (
        f"scanned {result['run']}: {result['records_read']:,} records read, {result['records_looked_at']:,} looked at;"
        f" {made:,} work items made, {reused:,} reused; not gated, not sealed: `corpusledger run` goes on from here"
    )


def _held(
    loaded: Loaded, store: Store, run: str | None, measures: list[Measured], known: Collection[str | None] | None = None
) -> Held:
    """*run*: None before it is sealed; *known*: the sources to hold; None: every one of the registry. What the log of *store* says of them counts as of now."""
    uses = uses_of(loaded)
    facts = {s.id: s.facts(loaded.as_of, uses) for s in loaded.sources if known is None or s.id in known}
    left_out = tuple(s.id for s in loaded.sources if s.id not in facts)
    assessed = standing_of(store, {s.id: s.collected_from for s in loaded.sources if s.id in facts})
    figures = [Measured(source, "assessment", 0, 0, {"unlawful_ppm": ppm}) for source, (_, ppm) in assessed.items()]
    figures += reviewed(store, run, facts)
    facts = {source: {**told, "assessment": assessed[source][0]} for source, told in facts.items()}
    return hold(loaded.policy, [*measures, *figures], facts, loaded.run.facts(), loaded.places, left_out=left_out)


def uses_of(loaded: Loaded) -> tuple[str, ...]:
    """What the run's records are for, as reviews and contracts name uses; unset counts as commercial."""
    model = loaded.run.model
    stage = "fine_tune" if model.stage == "fine-tuning" else "train"
    return (stage,) if model.commercial is False else (stage, "commercial_service")
