"""run.yaml, the registry and the policies: read together, and every mistake in any of them reported at once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from glob import has_magic
from pathlib import Path

from checks.base import Check
from checks.duplicates import Duplicates
from checks.terms.banding import datasketch_bands
from pipelines.evaluation import evaluation_of
from pipelines.joined import Joined, with_joined
from pipelines.labels import labels_of
from pipelines.lexicon_joined import keywords_of
from pipelines.lists import Lists, lists_of
from pipelines.optouts import optouts_of
from pipelines.places import corpus_problems, is_uri, key_problems, resolved, source_path_problem
from pipelines.policy import Policy, known_measures, read_policy
from pipelines.recognizers import with_recognizers
from pipelines.registry_papers import review_line, with_digests
from pipelines.restricted import restricted_of
from pipelines.selection import selection_of
from pipelines.tokenizer import tokenizer_of
from schemas.canonical import digest_of
from schemas.errors import ConfigError, Where
from schemas.run import Dedup, RunConfig
from schemas.source import Source
from schemas.yaml_places import Placed, hint, quoted, read_yaml
from schemas.yaml_shape import Binding, as_json


@dataclass(frozen=True)
class Loaded:
    """Everything a run starts from, without a mistake in it.

    *as_of*: the day that reviews are held against; *folder*: of run.yaml; *checks*: as set, in the known order;
    *sources*: by id; *places*: source id -> where its YAML names it; *joined*: what run.yaml joins to checks, in the
    order in which the run lists its objects.
    """

    run: RunConfig
    path: Path
    as_of: str
    sources: tuple[Source, ...]
    places: Mapping[str, Where]
    checks: tuple[Check, ...]
    policy: Policy
    joined: tuple[Joined, ...] = ()

    @property
    def lists(self) -> Lists | None:
        """The lists, where any are joined."""
        return next((one for one in self.joined if isinstance(one, Lists)), None)

    @property
    def folder(self) -> Path:
        """The folder that relative paths start from."""
        return self.path.parent

    def resolve(self, text: str) -> str:
        """A path of run.yaml or of a source's `paths`, from its folder; a URI as it stands."""
        return resolved(text, self.folder)

    def digest(self) -> str:
        """sha256 over run.yaml, registry, check settings and rules: a cut-off run goes on only under the same one."""
        return digest_of(
            {
                "run": self.run.digest(),
                "sources": [as_json(source) for source in self.sources],
                "checks": [[check.name, check.version, check.settings()] for check in self.checks],
                "policy": self.policy.digest(),
            }
        )


def load_run(path: Path, known: Mapping[str, type[Check]], today: str, profile: str | None = None) -> Loaded:
    """run.yaml at *path* with its registry and policies, bound to the *known* checks (by name, in report order).

    *profile*: in place of `dedup.profile`; *today*: ISO date, where run.yaml has no `as_of`. Raises `ConfigError` with every problem.
    """
    problems: list[str] = []
    placed = _read(path, problems, "write it: see docs/configuration.md")
    if placed is None:
        raise ConfigError(*problems)
    binding = Binding(str(path), problems)
    checks_placed = placed.value.get("checks") if placed.kind == "map" else None
    checks = bind_checks(checks_placed, known, binding)
    good = binding.fields(_without(placed, "checks"), RunConfig, "run")
    as_of: str = good.get("as_of") or today
    lines = {key: item.line for key, item in placed.value.items()} if placed.kind == "map" else {}
    folder = path.parent
    checks = with_recognizers(checks, placed, folder, path, problems)
    for key, problem in (*corpus_problems(good, folder), *key_problems(good, folder)):
        binding.say(lines.get(key.split(".")[0]), problem)
    roots = [resolved(root, folder) for root in good.get("corpus", ())]
    found = _registry(
        good.get("sources", ()), folder, Where(str(path), line=lines.get("sources")), roots, as_of, problems
    )
    place = str(Where(str(path), line=lines.get("policies")))
    names = good.get("policies", RunConfig.policies if "policies" not in lines else ())
    policy = read_policy([(name, folder, place) for name in names], known_measures(known), problems)
    if policy is not None:
        for question, _ in good.get("answers", ()):
            if question not in policy.questions:
                words = f"answers: no question {quoted(question)}; {hint(question, policy.questions)}"
                binding.say(lines.get("answers"), words)
    read: list[Joined | None] = [of(placed, good, folder, checks, binding) for of in (evaluation_of, optouts_of)]
    read += [of(placed, good, folder, checks, (as_of, today), binding) for of in (lists_of, labels_of, keywords_of)]
    read += [of(placed, good, folder, checks, binding) for of in (restricted_of, tokenizer_of, selection_of)]
    if problems or policy is None:
        raise ConfigError(*problems)
    if profile is not None:
        good["dedup"] = replace(good.get("dedup", RunConfig.dedup), profile=profile)
    joined = tuple(one for one in read if one is not None)
    checks = with_joined(profiled(checks, good.get("dedup", RunConfig.dedup)), joined)
    places = {source.id: where for source, where in found}
    return Loaded(RunConfig(**good), path, as_of, tuple(one for one, _ in found), places, checks, policy, joined)


def profiled(checks: tuple[Check, ...], dedup: Dedup) -> tuple[Check, ...]:
    """The checks, with the bands and rows that datasketch itself takes for the threshold where its profile is chosen."""
    if dedup.profile != "datasketch":
        return checks
    bands, rows = datasketch_bands(dedup.threshold_ppm)
    return tuple(replace(c, bands=bands, rows=rows) if isinstance(c, Duplicates) else c for c in checks)


def load_sources(
    patterns: tuple[str, ...], folder: Path, as_of: str, *, collected: bool = True, roots: list[str] | None = None
) -> tuple[tuple[Source, Where], ...]:
    """The registry alone, for `source check`: (source, place of its id), by id. Raises `ConfigError`.

    *collected* False: of candidates, whose files need not be there yet; *roots*: resolved corpus roots, where they are known.
    """
    problems: list[str] = []
    found = _registry(patterns, folder, Where("sources"), roots, as_of, problems, collected=collected)
    if problems:
        raise ConfigError(*problems)
    return found


def bind_checks(placed: Placed | None, known: Mapping[str, type[Check]], binding: Binding) -> tuple[Check, ...]:
    """Every known check with its settings from the `checks:` of run.yaml; one set to `off` is left out.

    What is wrong is reported through *binding*; then the check stands with its defaults.
    """
    given: Mapping[str, Placed] = {}
    if placed is not None and placed.kind == "map":
        given = placed.value
        for name in given:
            if name not in known:
                binding.say(placed.key_lines[name], f"checks: no check {quoted(name)}; {hint(name, known)}")
    elif placed is not None and placed.kind != "null":
        binding.say(placed.line, f"checks is a mapping of check names, got {placed.shown()}")
    found: list[Check] = []
    for name, kind in known.items():
        settings = given.get(name)
        if settings is not None and settings.kind == "bool" and settings.value is False:
            continue
        found.append(_check(name, kind, settings, binding))
    return tuple(found)


def _check(name: str, kind: type[Check], settings: Placed | None, binding: Binding) -> Check:
    if settings is None or settings.kind == "null":
        return kind()
    before = len(binding.problems)
    good = binding.fields(settings, kind, f"checks.{name}")
    if len(binding.problems) > before:
        return kind()
    try:
        return kind(**good)
    except ValueError as error:  # a check refuses settings that contradict each other in __post_init__
        binding.say(settings.line, f"checks.{name}: {error}")
        return kind()


def _registry(
    patterns: Iterable[str],
    folder: Path,
    place: Where,
    roots: list[str] | None,
    as_of: str,
    problems: list[str],
    *,
    collected: bool = True,
) -> tuple[tuple[Source, Where], ...]:
    """(source, place of its id) of every YAML under *patterns*, by id."""
    files: dict[Path, None] = {}
    for pattern in patterns:
        matching = _matching(pattern, folder)
        if not matching:
            problems.append(
                f"{place}: sources: no file matches {quoted(pattern)}; write a YAML a source there, or correct the pattern"
            )
        files |= dict.fromkeys(matching)
    by_id: dict[str, tuple[Source, Where]] = {}
    for file in files:
        read = _source(file, folder, roots, as_of, problems, collected)
        if read is None:
            continue
        source, where = read
        if source.id in by_id:
            problems.append(
                f"{where}: the source {source.id!r} is also declared at {by_id[source.id][1]}; rename one of them"
            )
            continue
        by_id[source.id] = read
    return tuple(by_id[name] for name in sorted(by_id))


def _matching(pattern: str, folder: Path) -> list[Path]:
    """Files of a glob, a folder's YAMLs, or the one file; nothing for a URI, for the registry is read from local files."""
    if is_uri(pattern):
        return []
    base = folder / pattern  # an absolute pattern replaces the folder
    if base.is_dir():
        return sorted(one for one in base.iterdir() if one.suffix in (".yaml", ".yml"))
    if base.is_file() or not has_magic(pattern):
        return [base] if base.is_file() else []
    start = Path(base.anchor) if Path(pattern).is_absolute() else folder
    return sorted(one for one in start.glob(pattern.lstrip("/")) if one.is_file())


def _source(
    file: Path, folder: Path, roots: list[str] | None, as_of: str, problems: list[str], collected: bool
) -> tuple[Source, Where] | None:
    placed = _read(file, problems, "write it, or take it out of `sources`")
    if placed is None:
        return None
    binding = Binding(str(file), problems)
    source = binding.value(placed, Source, "source")
    if source is None:
        return None
    lines = {key: item.line for key, item in placed.value.items()}
    for key, problem in source.problems():
        binding.say(lines.get(key), f"{key}: {problem}")
    for item in placed.value["paths"].value if collected else ():
        wrong = source_path_problem(item.value, folder, roots)
        if wrong:
            binding.say(item.line, f"paths: {wrong}")
    source = with_digests(source, placed, file.parent, binding.say)
    for review in source.all_reviews():
        if review.state(as_of) == "expired" and source.standing(as_of, review.uses) == "expired":
            place = review_line(placed, review)
            problem = (
                f"the review of {source.id!r} expired on {review.expires}, before {as_of}; review the source again"
            )
            binding.say(place, problem)
    return source, Where(str(file), line=lines["id"])


def _read(path: Path, problems: list[str], advice: str) -> Placed | None:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        problems.append(f"{path}: no such file; {advice}")
        return None
    except OSError as error:
        problems.append(f"{path}: cannot be read ({error.strerror}); check what it is, and its permissions")
        return None
    return read_yaml(data, str(path), problems)


def _without(placed: Placed, key: str) -> Placed:
    if placed.kind != "map":
        return placed
    kept = {name: item for name, item in placed.value.items() if name != key}
    return Placed("map", kept, placed.line, {name: line for name, line in placed.key_lines.items() if name != key})
