"""Policy packs: read, extended, overridden and bound to measures, facts and instruments before any worker starts."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import schemas
from checks.base import Check, Measure
from pipelines.built_in import BUILT_IN, CL, COUNTED
from schemas.canonical import digest_of, sha256_hex
from schemas.errors import ConfigError
from schemas.rule import Instrument, Override, Pack, Rule
from schemas.run import RUN_FACTS
from schemas.source import FACTS
from schemas.words import Words
from schemas.yaml_places import Placed, hint, read_yaml
from schemas.yaml_shape import Binding, as_json

PACKS: Final = Path(schemas.__file__).parent / "packs"

KnownMeasures = Mapping[str, Mapping[str, Measure]]
"""check -> measure -> what it is: of the checks and of what the run itself counts."""


@dataclass(frozen=True)
class PackName:
    """A pack that took part: its own name and version, sha256 of its bytes, and the file."""

    name: str
    version: str
    digest: str
    path: str


@dataclass(frozen=True)
class Policy:
    """The rules in force, in the order of the packs, built-in rules first; bound and without contradictions."""

    packs: tuple[PackName, ...]
    rules: tuple[Rule, ...]
    instruments: Mapping[str, Instrument]
    questions: Mapping[str, Words]
    overridden: Mapping[str, str]
    """rule id -> the reason its pack gives for changing it."""
    units: Mapping[str, str]
    """rule id -> the unit of what it observes."""

    def digest(self) -> str:
        """sha256 of the rules as they are in force: equal exactly where equal measures must give equal outcomes."""
        return digest_of([as_json(rule) for rule in self.rules])


@dataclass
class _Opened:
    """A pack that is being read; *rule_lines* and *override_lines* by rule id."""

    path: str
    digest: str
    pack: Pack
    rule_lines: dict[str, int]
    override_lines: dict[str, int]


def known_measures(checks: Mapping[str, type[Check]]) -> KnownMeasures:
    """What rules may name: the measures of *checks* (by name), and `files`, `records`, `duplicates`, `conservation`."""
    found = {name: {m.name: m for m in check.measures} for name, check in checks.items()}
    for name, measures in COUNTED.items():
        found[name] = {**{m.name: m for m in measures}, **found.get(name, {})}
    return found


def built_in_packs() -> tuple[str, ...]:
    """The names of the packs that come with the program."""
    return tuple(sorted(path.stem for path in PACKS.glob("*.yaml")))


def load_policy(names: tuple[str, ...], folder: Path, known: KnownMeasures) -> Policy:
    """The policy of *names*: built-in packs, or paths relative to *folder*. Raises `ConfigError` with every problem."""
    problems: list[str] = []
    policy = read_policy([(name, folder, "policies") for name in names], known, problems)
    if policy is None or problems:
        raise ConfigError(*problems)
    return policy


def read_policy(wanted: list[tuple[str, Path, str]], known: KnownMeasures, problems: list[str]) -> Policy | None:
    """As `load_policy`, for (name, folder, place that names it); problems are added to *problems*, None where there are any."""
    before = len(problems)
    opened: dict[str, _Opened] = {}
    for name, folder, place in wanted:
        _open(name, folder, place, opened, (), problems)
    if len(problems) > before:
        return None
    rules: dict[str, tuple[Rule, str]] = {rule.id: (rule, "built in") for rule in BUILT_IN}
    instruments: dict[str, Instrument] = dict(CL)
    questions: dict[str, Words] = {}
    overridden: dict[str, str] = {}
    for one in opened.values():
        questions |= dict(one.pack.questions)
        instruments |= {key: item for key, item in one.pack.instruments if key not in CL}
    for one in opened.values():
        for rule in one.pack.rules:
            place = f"{one.path}:{one.rule_lines[rule.id]}"
            if rule.id in rules:
                problems.append(
                    f"{place}: the rule {rule.id!r} also stands in {rules[rule.id][1]}; rename one, or use `override`"
                )
                continue
            problems += [
                f"{place}: rule {rule.id}: {problem}" for problem in rule_problems(rule, known, instruments, questions)
            ]
            rules[rule.id] = (rule, place)
        for rule_id, change in one.pack.override:
            _override(rule_id, change, f"{one.path}:{one.override_lines[rule_id]}", rules, problems)
            overridden[rule_id] = change.reason
    if len(problems) > before:
        return None
    in_force = tuple(rule for rule, _ in rules.values())
    packs = tuple(PackName(one.pack.policy, one.pack.version, one.digest, one.path) for one in opened.values())
    return Policy(
        packs, in_force, instruments, questions, overridden, {rule.id: _unit(rule, known) for rule in in_force}
    )


def rule_problems(
    rule: Rule, known: KnownMeasures, instruments: Mapping[str, Instrument], questions: Mapping[str, Words]
) -> list[str]:
    """What is wrong with a rule, beyond the types of its fields."""
    found: list[str] = []
    instrument = instruments.get(rule.instrument)
    if instrument is None:
        found.append(f"no instrument {rule.instrument!r}; {hint(rule.instrument, instruments)}")
    elif not instrument.citable:
        found.append(f"{rule.instrument} is not citable ({instrument.status}); cite the final text")
    kinds = [
        name for name, given in (("measure", rule.measure), ("declares", rule.declares), ("asks", rule.asks)) if given
    ]
    if len(kinds) != 1:
        said = " and ".join(kinds) if kinds else "none of them"
        found.append(f"has {said}; give exactly one of measure, declares, asks")
    if rule.check is not None or rule.measure is not None:
        found += _measure_problems(rule, known)
    elif rule.threshold is not None or rule.per is not None:
        found.append("has a threshold or per without check and measure; name them, or leave these out")
    if rule.without_evidence is not None and rule.measure is None:
        found.append("has without_evidence without a measure; leave it out")
    if rule.accepts and not rule.declares:
        found.append("has accepts without declares; say which fact has these values")
    facts = [*rule.declares, *rule.excused_by, *(condition.fact for condition in rule.when)]
    found += [problem for fact in facts for problem in _fact_problems(fact, rule.scope, questions)]
    if rule.asks is not None and rule.scope != "run":
        found.append("asks a question on every source; set `scope: run`")
    if rule.asks is not None and rule.asks not in questions:
        found.append(f"no question {rule.asks!r}; {hint(rule.asks, questions)}")
    return found


def _measure_problems(rule: Rule, known: KnownMeasures) -> list[str]:
    if rule.check is None or rule.measure is None:
        return ["check and measure stand together; name both"]
    found = _unknown_measure(rule.check, rule.measure, known)
    if rule.threshold is None or rule.threshold_mark is None:
        found.append("a measure is held against a number; give threshold and threshold_mark")
    if rule.per is not None:
        check, dot, measure = rule.per.partition(".")
        found += _unknown_measure(check, measure, known) if dot else [f"per is 'check.measure', got {rule.per!r}"]
    return found


def _unknown_measure(check: str, measure: str, known: KnownMeasures) -> list[str]:
    if check not in known:
        return [f"no check {check!r}; {hint(check, known)}"]
    if measure not in known[check]:
        return [f"{check} has no measure {measure!r}; {hint(measure, known[check])}"]
    return []


def _fact_problems(fact: str, scope: str, questions: Mapping[str, Words]) -> list[str]:
    answers = tuple(f"answer.{question}" for question in questions)
    allowed = (*RUN_FACTS, *answers) if scope == "run" else (*FACTS, *RUN_FACTS, *answers)
    return [] if fact in allowed else [f"no fact {fact!r} of a {scope}; {hint(fact, allowed)}"]


def _override(
    rule_id: str, change: Override, place: str, rules: dict[str, tuple[Rule, str]], problems: list[str]
) -> None:
    if rule_id not in rules:
        problems.append(f"{place}: no rule {rule_id!r} to override; {hint(rule_id, rules)}")
        return
    rule, origin = rules[rule_id]
    if rule in BUILT_IN:
        problems.append(
            f"{place}: {rule_id} is built in and cannot be changed: it is what makes the other numbers true; take it out"
        )
        return
    given = {key: getattr(change, key) for key in ("effect", "covers_ppm", "without_evidence")}
    changed: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    if not changed and change.threshold is None:
        problems.append(
            f"{place}: {rule_id} is overridden by nothing; give effect, threshold, covers_ppm or without_evidence"
        )
        return
    if rule.measure is None and (change.threshold is not None or changed.keys() - {"effect"}):
        problems.append(f"{place}: {rule_id} holds no number; only its effect can be changed")
        return
    if change.threshold is not None:
        changed |= {"threshold": change.threshold, "threshold_mark": "H"}  # the customer's own number from here on
    rules[rule_id] = (replace(rule, **changed), origin)


def _unit(rule: Rule, known: KnownMeasures) -> str:
    if rule.check is None or rule.measure is None:
        return ""
    return "ppm" if rule.per else known[rule.check][rule.measure].unit


def _open(
    name: str, folder: Path, place: str, opened: dict[str, _Opened], above: tuple[str, ...], problems: list[str]
) -> None:
    """Read a pack and, before it, those it extends; each once."""
    path = _pack_path(name, folder, place, problems)
    if path is None:
        return
    key = str(path.resolve())
    if key in above:
        problems.append(
            f"{place}: {name!r} extends itself through {' -> '.join(Path(p).name for p in (*above, key))}; break the circle"
        )
        return
    if key in opened:
        return
    one, placed = _read(path, problems)
    extends = one.pack.extends if one else ()
    for parent in extends:
        line = placed.value["extends"].line if placed else None
        _open(parent, path.parent, f"{path}:{line}: extends", opened, (*above, key), problems)
    if one is not None:
        opened[key] = one


def _pack_path(name: str, folder: Path, place: str, problems: list[str]) -> Path | None:
    if name.endswith((".yaml", ".yml")) or "/" in name:
        path = folder / name
        if path.is_file():
            return path
        problems.append(
            f"{place}: no policy file {str(path)!r}; write it, or name a built-in pack: {', '.join(built_in_packs())}"
        )
        return None
    if name in built_in_packs():
        return PACKS / f"{name}.yaml"
    problems.append(
        f"{place}: no built-in policy {name!r}; {hint(name, built_in_packs())}; a file of your own ends in .yaml"
    )
    return None


def _read(path: Path, problems: list[str]) -> tuple[_Opened | None, Placed | None]:
    try:
        data = path.read_bytes()
    except OSError as error:
        problems.append(f"{path}: cannot be read ({error.strerror}); check its permissions")
        return None, None
    shown = str(path)
    placed = read_yaml(data, shown, problems)
    if placed is None:
        return None, None
    pack = Binding(shown, problems).value(placed, Pack, "policy")
    if pack is None:
        return None, placed
    lines: dict[str, int] = {}
    for rule, item in zip(pack.rules, placed.value["rules"].value if pack.rules else (), strict=True):
        line = item.value["id"].line
        if rule.id in lines:
            problems.append(f"{shown}:{line}: the rule {rule.id!r} also stands at line {lines[rule.id]}; rename one")
        lines.setdefault(rule.id, line)
    over = dict(placed.value["override"].key_lines) if pack.override else {}
    return _Opened(shown, sha256_hex(data), pack, lines, over), placed
