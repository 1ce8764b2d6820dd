"""What `source check` and `source show` tell of a registry: each proof that is missing, and what is not declared, by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from manifests.assessments import Recorded, assessments_of, load_assessment
from manifests.ledger import open_ledger
from manifests.manifest import registry_of
from manifests.report import KEY_MEASURES as SHOWN
from schemas.assessment import Assessment, Figure, Judged, figure_before, timing
from schemas.described import as_json
from schemas.errors import Where
from schemas.source import Source
from schemas.source_papers import EXPIRED
from schemas.source_proofs import Proof, missing_proofs
from schemas.words import Words
from schemas.yaml_shape import slots_of

LANGUAGES: Final = ("zh", "en", "both")
ASKED_OF_ALL: Final = ("class", "category", "classification", "origin", "review")
"""Keys that every source is asked for, whatever its class."""


@dataclass(frozen=True)
class Standing:
    """One source on a day. *missing*: of the proofs of its class; *undeclared*: keys of `ASKED_OF_ALL`; *remarks*: what else
    a reviewer should know.
    """

    source: Source
    place: Where
    missing: tuple[Proof, ...]
    undeclared: tuple[str, ...]
    remarks: tuple[Words, ...]

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "id": self.source.id, "place": str(self.place), "class": self.source.source_class,
            "proofs": "incomplete" if self.missing else "complete",
            "missing": [{"proof": p.code, "keys": list(p.keys), **p.says.as_json()} for p in self.missing],
            "not_declared": list(self.undeclared), "remarks": [one.as_json() for one in self.remarks],
        }  # fmt: skip


def standing_of(source: Source, place: Where, as_of: str) -> Standing:
    """What is missing of *source* on the day *as_of* (ISO date)."""
    keys = {slot.key: slot.field for slot in slots_of(Source)}
    undeclared = [key for key in ASKED_OF_ALL if not getattr(source, keys[key])]
    if source.reviews and "review" in undeclared:
        undeclared.remove("review")
    return Standing(source, place, missing_proofs(source, as_of), tuple(undeclared), _remarks(source, as_of))


def lines_of(standing: Standing, language: str) -> list[str]:
    """``place: what is missing; what to do``, a line each, in *language* (zh, en, both)."""
    who = repr(standing.source.id)
    of = standing.source.source_class
    told = [_lacking(who, of, proof) for proof in standing.missing]
    if standing.undeclared:
        keys = ", ".join(standing.undeclared)
        told.append(Words(f"来源 {who} 未声明：{keys}", f"the source {who} does not declare: {keys}"))
    told += [Words(f"来源 {who}：{one.zh}", f"the source {who}: {one.en}") for one in standing.remarks]
    return [f"{standing.place}: {getattr(words, name)}" for words in told for name in _chosen(language)]


def assessed_of(ledger: str, source: Source) -> list[dict[str, Any]]:
    """The assessments of *source* in *ledger*, in the log's order; see `schemas.assessment.TIMINGS` for ``timing``."""
    store = open_ledger(ledger).store
    return [
        {
            "assessed": one.assessed, "timing": timing(one.assessed, source.collected_from), "entry": one.entry,
            "sha256": one.sha256, "signed": one.envelope is not None, "reviewer": found.reviewer,
            "sample_sha256": found.sample.sha256, "records": found.sample.looked_at,
        }
        for one in assessments_of(store, source.id)
        for found in (load_assessment(store, one),)
    ]  # fmt: skip


def told_of_assessment(
    found: Assessment, recorded: Recorded, ledger: str, source: Source, language: str
) -> tuple[dict[str, Any], list[str]]:
    """(JSON, lines) of an assessment that was just sealed in *ledger*."""
    when = timing(found.assessed, source.collected_from)
    figure = figure_before(found.unlawful_ppm, when)
    told = {
        **as_json(found), "ledger": ledger, "entry": recorded.entry, "entry_sha256": recorded.entry_sha256,
        "sha256": recorded.sha256, "signed": recorded.envelope is not None, "timing": when,
        "before_collection": {"state": figure.state, "ppm": figure.ppm, "reason": figure.reason.as_json()},
    }  # fmt: skip
    sample = found.sample
    lines = [
        f"assessed {found.source!r} at {found.assessed} by {found.reviewer}; {sample.files:,} files, {sample.bytes:,} bytes, "
        f"{sample.looked_at:,} records looked at, {sample.unread:,} unread; sample sha256 {sample.sha256}",
        *(
            f"  {check}.{name} {value:,}"
            for check, values in sorted(found.measures.items())
            for name, value in sorted(values.items())
            if value and name in SHOWN.get(check, ())
        ),
        *(
            Words(f"采集前违法和不良信息占比：{_share(figure)[0]}", f"share of unlawful content before collection: {_share(figure)[1]}")
            .as_json()[name]
            for name in _chosen(language)
        ),
        *(_read_by_people(found.judged).as_json()[name] for name in _chosen(language) if found.judged is not None),
        f"{'signed' if recorded.envelope else 'not signed: no key was named'}; object {recorded.sha256}, "
        f"log entry {recorded.entry} of {ledger}",
    ]  # fmt: skip
    return told, lines


def _read_by_people(judged: Judged) -> Words:
    return Words(
        f"人工审读样本 {judged.read:,} 条，违法和不良 {judged.unlawful:,} 条；95% 单侧上界 {judged.upper_ppm:,} ppm（Clopper-Pearson）",
        f"{judged.read:,} records of the sample read by people, {judged.unlawful:,} unlawful or unhealthy; "
        f"at most {judged.upper_ppm:,} ppm (one-sided 95 %, Clopper-Pearson)",
    )


def _share(figure: Figure) -> tuple[str, str]:
    if figure.ppm is not None:
        return f"{figure.ppm:,} ppm", f"{figure.ppm:,} ppm"
    return f"证据不足（{figure.reason.zh}）", f"insufficient evidence ({figure.reason.en})"


def _chosen(language: str) -> tuple[str, ...]:
    return ("zh", "en") if language == "both" else (language,)


def _lacking(who: str, of: str | None, proof: Proof) -> Words:
    zh, en = (" 和 ", " and ") if proof.every else (" 或 ", " or ")
    return Words(
        f"来源 {who}（{of or '未声明类别'}）缺少：{proof.says.zh}；请填写 {zh.join(proof.keys)}",
        f"the source {who} ({of or 'of no class'}) lacks: {proof.says.en}; give {en.join(proof.keys)}",
    )


def shown(standing: Standing, as_of: str, assessed: Sequence[Mapping[str, Any]] | None = None) -> dict[str, Any]:
    """One source with its declarations, digest and what is missing, for ``source show``. *assessed*: its assessments."""
    (entry,) = registry_of([standing.source], as_of).sources
    told = {**standing.as_json(), "as_of": as_of, "declared": dict(entry.declared), "digest": entry.digest}
    return told if assessed is None else {**told, "assessments": [dict(one) for one in assessed]}


def _remarks(source: Source, as_of: str) -> tuple[Words, ...]:
    found = []
    contract, origin = source.contract, source.origin
    if contract is not None and contract.state(as_of) == EXPIRED and source.source_class != "commercial":
        found.append(
            Words(
                f"合同已于 {contract.until} 到期，不再计入",
                f"the contract expired on {contract.until} and no longer counts",
            )
        )
    if contract is not None and not contract.uses:
        found.append(Words("合同未写明许可的用途", "the contract's `uses` are not declared, which is not all of them"))
    if contract is not None and not contract.territory:
        found.append(
            Words("合同未写明许可的地域", "the contract's `territory` is not declared, which is not everywhere")
        )
    if origin is not None and (origin.by is None or origin.on is None):
        found.append(
            Words("境内外属性没有人员署期确认", "the origin is attested by nobody; give `by` and `on` under `origin`")
        )
    if source.link_list and source.source_class != "self-collected":
        found.append(
            Words(
                "该来源为链接清单，其所指内容按自采语料要求证明材料",
                "a list of links: what it points to is asked for the proofs of self-collected data too",
            )
        )
    return tuple(found)
