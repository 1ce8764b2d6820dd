"""Sampling plans from YAML: the pack that comes with the program, or a customer's own, every mistake told with its line."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import schemas
from schemas.canonical import sha256_hex
from schemas.errors import ConfigError
from schemas.review import MACHINE, ReviewPack, ReviewPlan
from schemas.rule import Instrument
from schemas.sequential import Sequential
from schemas.source import FACTS
from schemas.yaml_places import Placed, hint, read_yaml
from schemas.yaml_shape import Binding

SHIPPED: Final = Path(schemas.__file__).parent / "packs" / "review" / "cn-review.yaml"


@dataclass(frozen=True)
class Plans:
    """The plans of one file, with its sha256."""

    pack: ReviewPack
    sha256: str

    def plan(self, ident: str) -> ReviewPlan:
        """The plan of that id; `ConfigError` names those there are."""
        found = next((plan for plan in self.pack.plans if plan.id == ident), None)
        if found is None:
            raise ConfigError(f"--plan: no plan {ident!r} in {self.pack.review}; {hint(ident, self.ids)}")
        return found

    @property
    def ids(self) -> tuple[str, ...]:
        """The plans' ids, in their order."""
        return tuple(plan.id for plan in self.pack.plans)

    def citation(self, plan: ReviewPlan) -> str:
        """Instrument and clause."""
        return f"{plan.instrument} {plan.article}"


def load_plans(path: Path | None = None) -> Plans:
    """The plans of *path*, None: those that come with the program. Raises `ConfigError` with every problem."""
    place = path or SHIPPED
    problems: list[str] = []
    try:
        data = place.read_bytes()
    except OSError as error:
        raise ConfigError(f"{place}: cannot be read ({error.strerror}); check the path") from error
    placed = read_yaml(data, str(place), problems)
    pack = None if placed is None else Binding(str(place), problems).value(placed, ReviewPack, "review pack")
    if pack is not None and placed is not None:
        problems += _wrong(pack, placed, str(place))
    if pack is None or problems:
        raise ConfigError(*problems)
    return Plans(pack, sha256_hex(data))


def plan_problems(plan: ReviewPlan, instruments: dict[str, Instrument]) -> list[str]:
    """What is wrong with a plan, beyond the types of its fields."""
    found = []
    instrument = instruments.get(plan.instrument)
    if instrument is None:
        found.append(f"no instrument {plan.instrument!r}; {hint(plan.instrument, instruments)}")
    elif not instrument.citable:
        found.append(f"{plan.instrument} is not citable ({instrument.status}); cite the final text")
    if plan.size is None and plan.share_ppm is None:
        found.append("says neither size nor share_ppm; give one, or both")
    if (plan.pass_ppm is None) != (plan.pass_mark is None):
        found.append("pass_ppm and pass_mark go together: how well is the number known?")
    found += [
        f"where: no fact {w.fact!r} of a source; {hint(w.fact, FACTS)}" for w in plan.where if w.fact not in FACTS
    ]
    if plan.by == MACHINE and plan.reviewers > 1:
        found.append("a machine is no two reviewers; leave out `reviewers`")
    if plan.stopping is not None:
        found += _stopping(plan)
    return found


def _stopping(plan: ReviewPlan) -> list[str]:
    assert plan.stopping is not None
    found = []
    try:
        test = plan.stopping
        Sequential(test.good_ppm, test.bad_ppm, test.alpha_ppm, test.beta_ppm, test.cap)
    except ValueError as error:
        found.append(f"stopping: {error}")
    if plan.least_each_source is not None or plan.share_ppm is not None:
        found.append("stopping needs one sample of a fixed size; leave out least_each_source and share_ppm")
    if plan.size != plan.stopping.cap:
        found.append(f"stopping ends at cap {plan.stopping.cap}, size is {plan.size}; make them equal")
    if plan.limit_ppm != plan.stopping.bad_ppm:
        found.append("stopping tests bad_ppm, which must be what may fail: 1,000,000 - pass_ppm")
    return found


def _wrong(pack: ReviewPack, placed: Placed, place: str) -> list[str]:
    found, seen = [], set[str]()
    lines = [item.line for item in placed.value["plans"].value] if "plans" in placed.value else []
    for plan, line in zip(pack.plans, lines, strict=True):
        if plan.id in seen:
            found.append(f"{place}:{line}: a second plan {plan.id!r}; rename one")
        seen.add(plan.id)
        found += [
            f"{place}:{line}: plan {plan.id}: {problem}" for problem in plan_problems(plan, dict(pack.instruments))
        ]
    return found
