"""What a source of each class must have on file, and which of it is missing: named in both languages, never guessed.

The sets follow TC260-003 §5.1 c) (from secondary sources, mark S2; counsel gives the wording): a list of links counts as
self-collected for what it points to, whatever its class.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from schemas.source_papers import EXPIRED, NOT_YET
from schemas.words import Words

if TYPE_CHECKING:
    from schemas.source import Source


@dataclass(frozen=True)
class Proof:
    """A paper that a class of source needs. *code*: its stable name; *keys*: where the YAML gives it; *says*: what it is.

    *every*: all of *keys* are needed, not any one of them.
    """

    code: str
    keys: tuple[str, ...]
    says: Words
    every: bool = False


@dataclass(frozen=True)
class Need:
    """A proof and how it is seen in a source on a day (ISO date)."""

    proof: Proof
    has: Callable[[Source, str], bool]


def _proof(code: str, keys: str, zh: str, en: str) -> Proof:
    return Proof(code, tuple(keys.split()), Words(zh, en))


CLASS: Final = _proof("class", "class", "来源类别", "the class of the source")
LICENCE: Final = _proof(
    "licence-file", "licence_evidence licence_files public_data legal_basis",
    "开源许可协议或者相关授权文件", "the licence, or another paper that authorises the use",
)  # fmt: skip
PERIOD: Final = Proof(
    "collection-period", ("collected_from", "collected_until"),
    Words("采集起止日期", "first and last day of the collection"), every=True,
)  # fmt: skip
TOOL: Final = _proof("collection-tool", "collected_with acquisition.tools", "采集工具", "the tool that collected")
RECORDS: Final = _proof("collection-records", "acquisition.records", "采集记录", "the records of the collection")
ROBOTS: Final = _proof(
    "robots-policy", "acquisition.robots_policy", "采集时遵循的 robots 等限制采集规则",
    "which restrictions on crawling (robots.txt and others) the collector kept to",
)  # fmt: skip
CONTRACT: Final = _proof("contract", "contract", "交易合同、合作协议等", "the contract or agreement")
CONTRACT_OVER: Final = _proof("contract-expired", "contract.until", "未到期的合同", "a contract that has not expired")
CONTRACT_AHEAD: Final = _proof(
    "contract-not-begun", "contract.from", "已经生效的合同", "a contract that is in force already"
)
WARRANTY: Final = _proof(
    "supplier-warranty", "contract.warranty", "交易方或者合作方对来源、质量、安全的承诺和证明",
    "the supplier's undertaking and proof of origin, quality and safety",
)  # fmt: skip
AUTHORISED: Final = _proof(
    "authorisation-records", "authorisation.records", "使用者授权记录", "the records of users' authorisation"
)
AGREEMENT: Final = _proof(
    "user-agreement", "authorisation.agreement", "使用者同意的协议文本", "the agreement that users accepted"
)
OWNERSHIP: Final = _proof("ownership", "ownership", "自行生产的权属声明", "the declaration of ownership")
GENERATOR: Final = _proof("generator", "generator", "生成模型", "the model that generated the text")
GENERATOR_TERMS: Final = _proof(
    "generator-terms", "generator.terms generator.licence", "生成模型对输出内容的使用条款",
    "the terms that the model's output is under",
)  # fmt: skip


def _open(source: Source, _: str) -> bool:
    return bool(source.licence_evidence or source.licence_files or source.public_data or source.legal_basis)


def _dated(source: Source, _: str) -> bool:
    return bool(source.collected_from and source.collected_until)


def _tool(source: Source, _: str) -> bool:
    return bool(source.collected_with or (source.acquisition and source.acquisition.tools))


def _records(source: Source, _: str) -> bool:
    return bool(source.acquisition and source.acquisition.records)


def _robots(source: Source, _: str) -> bool:
    return bool(source.acquisition and source.acquisition.robots_policy)


def _state(source: Source, as_of: str) -> str | None:
    return source.contract.state(as_of) if source.contract else None


def _authorised(source: Source, _: str) -> bool:
    return bool(source.authorisation and source.authorisation.records)


def _agreed(source: Source, _: str) -> bool:
    return bool(source.authorisation and source.authorisation.agreement)


def _terms(source: Source, _: str) -> bool:
    return bool(source.generator and (source.generator.terms or source.generator.licence))


_COLLECTED: Final = (Need(PERIOD, _dated), Need(TOOL, _tool), Need(RECORDS, _records), Need(ROBOTS, _robots))
NEEDS: Final[Mapping[str, tuple[Need, ...]]] = {
    "open-source": (Need(LICENCE, _open),),
    "self-collected": _COLLECTED,
    "commercial": (
        Need(CONTRACT, lambda source, _: source.contract is not None),
        Need(CONTRACT_OVER, lambda source, as_of: _state(source, as_of) != EXPIRED),
        Need(CONTRACT_AHEAD, lambda source, as_of: _state(source, as_of) != NOT_YET),
        Need(WARRANTY, lambda source, _: source.contract is not None and source.contract.warranty is not None),
    ),
    "user-input": (Need(AGREEMENT, _agreed), Need(AUTHORISED, _authorised)),
    "own-production": (Need(OWNERSHIP, lambda source, _: source.ownership is not None),),
    "synthetic": (Need(GENERATOR, lambda source, _: source.generator is not None), Need(GENERATOR_TERMS, _terms)),
}
"""Class -> what must be there."""
PROOFS: Final[Mapping[str, Proof]] = {
    proof.code: proof for proof in (CLASS, *(need.proof for needs in NEEDS.values() for need in needs))
}
"""Every proof by its code."""


def missing_proofs(source: Source, as_of: str) -> tuple[Proof, ...]:
    """What *source* lacks of the proofs of its class on the day *as_of* (ISO date), in a fixed order; () where it lacks none.

    Says that a paper is named, never that it is genuine or enough. Without a class, the class alone is missing.
    """
    if source.source_class is None:
        return (CLASS,)
    needs = NEEDS[source.source_class]
    if source.link_list:
        needs = (*needs, *(need for need in _COLLECTED if need not in needs))
    return tuple(need.proof for need in needs if not need.has(source, as_of))


def said(codes: tuple[str, ...]) -> Words:
    """Proofs by name, in both languages; a code of a later version stands as it is."""
    known = [PROOFS[code].says if code in PROOFS else Words.from_text(code) for code in codes]
    return Words("；".join(one.zh for one in known), "; ".join(one.en for one in known))
