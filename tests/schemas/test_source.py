"""A source's declarations: which proofs a class must have, which reviews count, what rules see of it."""

from dataclasses import replace

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.json_schemas import all_schemas
from schemas.source import CLASSES, FACTS, Source
from schemas.source_papers import (
    Acquisition,
    Authorisation,
    Contract,
    Document,
    Generator,
    Origin,
    Ownership,
    PublicData,
    Review,
)
from schemas.source_proofs import NEEDS, PROOFS, missing_proofs, said
from schemas.yaml_places import read_yaml
from schemas.yaml_shape import Binding

DAY = "2026-10-01"
PAPER = Document("evidence/a.txt")
BARE = Source("s", ("corpus",))
COMPLETE = {
    "open-source": {"licence_files": (PAPER,)},
    "self-collected": {
        "collected_from": "2026-01-01", "collected_until": "2026-02-01", "collected_with": "bot 1",
        "acquisition": Acquisition(robots_policy="RFC 9309", records=(PAPER,)),
    },
    "commercial": {"contract": Contract("c.pdf", starts="2026-01-01", until=DAY, warranty=PAPER)},
    "user-input": {"authorisation": Authorisation(agreement=PAPER, records=(PAPER,))},
    "own-production": {"ownership": Ownership("own.txt")},
    "synthetic": {"generator": Generator("model-x", terms=PAPER)},
}  # fmt: skip


def codes(source: Source, day: str = DAY) -> list[str]:
    return [proof.code for proof in missing_proofs(source, day)]


def of(kind: str, **more: object) -> Source:
    return replace(BARE, source_class=kind, **more)  # type: ignore[arg-type]


def test_every_class_has_needs_and_each_is_named_in_both_languages() -> None:
    assert set(NEEDS) == set(CLASSES) == set(COMPLETE)
    for proof in PROOFS.values():
        assert proof.says.zh.strip() and proof.says.en.strip() and proof.keys
        assert any("\u4e00" <= c <= "\u9fff" for c in proof.says.zh)


@pytest.mark.parametrize("kind", CLASSES)
def test_a_class_with_all_its_papers_lacks_none_and_without_any_lacks_each(kind: str) -> None:
    assert codes(of(kind, **COMPLETE[kind])) == []
    asked = [need.proof.code for need in NEEDS[kind]]
    without_state = [code for code in asked if code not in ("contract-expired", "contract-not-begun")]
    assert codes(of(kind)) == without_state


@pytest.mark.parametrize("kind", CLASSES)
def test_each_paper_is_missed_by_itself(kind: str) -> None:
    for field in COMPLETE[kind]:
        rest = {name: value for name, value in COMPLETE[kind].items() if name != field}
        assert codes(of(kind, **rest)), (kind, field)


def test_without_a_class_the_class_alone_is_missing() -> None:
    assert codes(BARE) == ["class"]
    assert codes(replace(BARE, **COMPLETE["commercial"])) == ["class"]


@pytest.mark.parametrize(
    ("day", "missing"),
    [("2025-12-31", ["contract-not-begun"]), ("2026-01-01", []), (DAY, []), ("2026-10-02", ["contract-expired"])],
)
def test_a_contract_counts_from_its_first_to_its_last_day(day: str, missing: list[str]) -> None:
    source = of("commercial", **COMPLETE["commercial"])
    assert codes(source, day) == missing
    assert ("contract" in source.facts(day)) == (not missing)


def test_a_contract_that_is_over_excuses_nothing_whatever_the_class() -> None:
    source = replace(BARE, contract=Contract("c.pdf", until="2026-01-01"))
    assert source.facts("2026-01-01")["contract"] == "c.pdf"
    later = source.facts("2026-01-02")
    assert "contract" not in later and later["contract.state"] == "expired"


def test_a_list_of_links_is_asked_for_what_it_points_to_and_its_class_stays() -> None:
    source = of("open-source", link_list=True, **COMPLETE["open-source"])
    assert codes(source) == ["collection-period", "collection-tool", "collection-records", "robots-policy"]
    assert source.facts(DAY)["class"] == "open-source"
    assert codes(of("self-collected", link_list=True)) == codes(of("self-collected"))


@pytest.mark.parametrize(
    "given", [{"licence_evidence": PAPER}, {"public_data": PublicData("terms")}, {"legal_basis": "outside copyright: PRC Copyright Law Art. 5"}]
)  # fmt: skip
def test_an_open_source_may_rest_on_other_papers_than_a_licence(given: dict[str, object]) -> None:
    assert codes(of("open-source", **given)) == []


def test_no_declaration_follows_from_another() -> None:
    facts = replace(BARE, category="web-crawl", public_data=PublicData("open terms")).facts(DAY)
    assert "class" not in facts
    assert "category" not in replace(BARE, source_class="self-collected").facts(DAY)
    assert "origin" not in replace(BARE, language="zh").facts(DAY)


def test_facts_are_those_that_rules_may_name() -> None:
    for kind in CLASSES:
        source = of(
            kind, **COMPLETE[kind], origin=Origin("domestic"), reviews=(Review("approved", "li", "2026-01-01"),)
        )
        assert set(source.facts(DAY)) <= set(FACTS)
    facts = of("self-collected", origin=Origin("foreign", "li", DAY)).facts(DAY)
    assert facts["origin"] == "foreign"
    assert facts["proofs"] == "incomplete"
    assert facts["proofs.missing"] == "collection-period,collection-tool,collection-records,robots-policy"
    assert of("open-source", licence_files=(PAPER,)).facts(DAY)["licence_evidence"] == "evidence/a.txt"


APPROVED = Review("approved", "li", "2026-01-01")
REJECTED = Review("rejected", "wang", "2026-05-01")
TRAIN = Review("approved", "li", "2026-06-01", uses=("train",))
OVER = Review("approved", "li", "2026-01-01", expires="2026-09-30")


@pytest.mark.parametrize(
    ("reviews", "uses", "state"),
    [
        ((), (), None),
        ((APPROVED,), (), "approved"),
        ((APPROVED, REJECTED), (), "rejected"),  # the newest decides
        ((REJECTED, APPROVED), (), "rejected"),  # whatever stands first
        ((APPROVED, REJECTED, TRAIN), ("train",), "approved"),
        ((APPROVED, REJECTED, TRAIN), ("train", "commercial_service"), "rejected"),  # the worst use decides
        ((TRAIN,), ("train", "commercial_service"), None),  # limited to one use: nothing is said of the other
        ((TRAIN,), (), "approved"),
        ((OVER,), (), "expired"),
        ((Review("pending", "li", "2026-01-01"), replace(APPROVED, by="b")), (), "approved"),  # of one day the last
    ],
)
def test_which_review_counts(reviews: tuple[Review, ...], uses: tuple[str, ...], state: str | None) -> None:
    assert replace(BARE, reviews=reviews).standing(DAY, uses) == state
    if reviews:
        first = replace(BARE, review=reviews[0], reviews=reviews[1:])
        assert first.standing(DAY, uses) == state
        assert first.facts(DAY, uses).get("review") == state


PAPERS = st.fixed_dictionaries(
    {},
    optional={
        "licence_files": st.just((PAPER,)), "legal_basis": st.just("law"), "public_data": st.just(PublicData("open")),
        "collected_from": st.just("2026-01-01"), "collected_until": st.just("2026-02-01"), "collected_with": st.just("bot"),
        "acquisition": st.builds(
            Acquisition, tools=st.sampled_from([(), ("wget",)]), robots_policy=st.sampled_from([None, "RFC 9309"]),
            records=st.sampled_from([(), (PAPER,)]),
        ),
        "contract": st.builds(Contract, st.just("c.pdf"), warranty=st.sampled_from([None, PAPER])),
        "authorisation": st.builds(
            Authorisation, agreement=st.sampled_from([None, PAPER]), records=st.sampled_from([(), (PAPER,)])
        ),
        "ownership": st.just(Ownership("own.txt")), "generator": st.builds(Generator, st.just("m"), terms=st.sampled_from([None, PAPER])),
    },
)  # fmt: skip


@given(st.sampled_from(CLASSES), PAPERS, st.booleans())
def test_what_is_missing_is_of_the_class_in_its_order_and_shrinks_as_papers_come(
    kind: str, papers: dict[str, object], link_list: bool
) -> None:
    source = of(kind, link_list=link_list, **papers)
    missing = codes(source)
    asked = [need.proof.code for need in (*NEEDS[kind], *(NEEDS["self-collected"] if link_list else ()))]
    assert missing == [code for code in dict.fromkeys(asked) if code in missing]
    assert set(codes(replace(source, **COMPLETE[kind]))) <= set(missing)


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("origin: domestic\ncontract: c.pdf\ngenerator: m\nlicence_evidence: a.txt\npublic_data: open\nclassification: general\n", True),
        ("origin: {value: domestic, by: li, on: 2026-01-01}\nlicence_files: [a.txt, {file: b.txt}]\n", True),
        ("contract: {id: C, uses: [train], from: 2026-01-01, warranty: {file: w.pdf, sha256: " + "a" * 64 + "}}\n", True),
        ("origin: nowhere\n", False),
        ("contract: {id: C, uses: [everything]}\n", False),
        ("licence_files: a.txt\n", False),
        ("ownership: {by: li}\n", False),
    ],
)  # fmt: skip
def test_an_editor_sees_short_and_long_forms_alike(text: str, good: bool) -> None:
    problems: list[str] = []
    placed = read_yaml(f"id: s\npaths: [corpus]\n{text}".encode(), "a.yaml", problems)
    assert placed is not None
    validator = jsonschema.Draft202012Validator(all_schemas()["source"])
    assert validator.is_valid(placed.plain()) == good
    assert (Binding("a.yaml", problems).value(placed, Source, "source") is not None) == good


def test_missing_proofs_are_said_in_both_languages_and_unknown_codes_as_they_stand() -> None:
    words = said(("ownership", "of-a-later-version"))
    assert words.zh == "自行生产的权属声明；of-a-later-version"
    assert words.en == "the declaration of ownership; of-a-later-version"
