"""A contract beside licences: for which use, when and where it stands in for them, and what it never lifts."""

import pytest

from checks.licence.uses import resolve, table
from manifests.article19 import article19
from manifests.disclose import report_html
from manifests.report_uses import uses
from manifests.uses import screened
from tests.manifests.test_uses import ask, run_of

CONTRACT = {
    "id": "C-1", "uses": ["train", "commercial_service"], "territory": ["CN", "SG"], "from": "2026-01-01", "until": "2026-12-31",
}  # fmt: skip
OPT_OUT = "LicenseRef-site-opt-out"


@pytest.mark.parametrize(
    ("more", "answer", "basis"),
    [
        ({}, "conditional", "contract"),
        ({"uses": ["train"]}, "unknown", "licence"),
        ({"uses": []}, "unknown", "licence"),
        ({"until": "2026-11-20"}, "unknown", "licence"),
        ({"until": "2026-11-21"}, "conditional", "contract"),
        ({"from": "2026-11-22"}, "unknown", "licence"),
        ({"from": None, "until": None}, "conditional", "contract"),
    ],
)
def test_a_contract_in_force_whose_uses_name_the_use_stands_in_for_the_licence(more, answer, basis):
    declared = {"s": {"licence": "LicenseRef-contract", "contract": {**CONTRACT, **more}}}
    (part,) = ask(declared, [("LicenseRef-contract", "s", 1, 9)]).parts
    assert (part.answer, part.basis, part.remove) == (answer, basis, answer == "unknown")
    assert part.duties == (("contract-scope",) if basis == "contract" else ())


@pytest.mark.parametrize(
    ("granted", "asked", "answer", "basis"),
    [
        (["CN", "SG"], ("CN",), "conditional", "contract"),
        (["CN", "SG"], ("SG", "CN"), "conditional", "contract"),
        (["CN"], ("CN", "HK"), "deny", "licence"),  # Hong Kong has a code of its own
        (["CN"], ("worldwide",), "deny", "licence"),
        (["worldwide"], ("worldwide",), "conditional", "contract"),
        (["worldwide"], (), "conditional", "contract"),
        ([], ("CN",), "unknown", "contract-territory"),
        (None, ("CN",), "unknown", "contract-territory"),
        (["CN"], (), "unknown", "contract-territory"),
        (["中国大陆"], ("CN",), "unknown", "contract-territory"),  # words of a manifest of an earlier version
    ],
)
def test_a_contract_counts_where_its_territory_covers_the_runs_and_else_it_is_unknown_or_nothing(
    granted, asked, answer, basis
):
    contract = {key: value for key, value in {**CONTRACT, "territory": granted}.items() if value is not None}
    found = ask({"s": {"contract": contract}}, [("no-repost", "s", 1, 9)], territory=asked)
    (part,) = found.parts
    assert (part.answer, part.basis, found.territory) == (answer, basis, tuple(asked))
    assert part.remove == (answer != "conditional")


def test_an_opted_out_record_is_denied_for_training_and_goes_unless_a_contract_of_its_source_covers_the_use():
    counted = [(f"CC-BY-4.0 AND {OPT_OUT}", "s", 3, 30), ("CC-BY-4.0", "s", 97, 970)]
    found = ask({"s": {"licence": "CC-BY-4.0"}}, counted, "train")
    assert (found.answer, found.without, found.removal.records, found.removal.bytes) == ("deny", "allow", 3, 30)
    assert [(p.licence, p.answer) for p in found.parts if p.remove] == [(f"CC-BY-4.0 AND {OPT_OUT}", "deny")]
    covered = ask({"s": {"licence": "CC-BY-4.0", "contract": CONTRACT}}, counted, "train")
    assert (covered.answer, covered.removal.records) == ("conditional", 0)
    assert covered.duties == (
        "contract-scope",
        "credit",
        "indicate-changes",
    )  # the other records stay under their licence
    elsewhere = ask({"s": {"licence": "CC-BY-4.0", "contract": CONTRACT}}, counted, "train", territory=("US",))
    assert (elsewhere.answer, elsewhere.removal.records) == ("deny", 3)
    unsaid = ask({"s": {"licence": "CC-BY-4.0", "contract": CONTRACT}}, counted, "train", territory=())
    assert (unsaid.answer, unsaid.removal.records) == ("unknown", 3)


def test_where_the_territory_is_unknown_a_generators_denial_stays_a_denial():
    written = {"contract": CONTRACT, "generator": {"model": "gpt-4", "licence": "LicenseRef-OpenAI"}}
    (part,) = ask({"s": written}, [("no-repost", "s", 1, 9)], territory=()).parts
    assert (part.answer, part.basis) == ("deny", "licence")


def test_a_contract_lifts_a_denial_but_never_a_generators_terms_and_takes_nothing_from_a_licence():
    denied = {"licence": "CC-BY-NC-4.0", "contract": CONTRACT}
    assert [p.basis for p in ask({"s": denied}, [("no-repost", "s", 1, 9)]).parts] == ["contract"]
    written = {**denied, "generator": {"model": "gpt-4", "licence": "LicenseRef-OpenAI"}}
    (part,) = ask({"s": written}, [("CC-BY-NC-4.0", "s", 1, 9)]).parts
    assert (part.answer, part.basis) == ("deny", "licence")
    (part,) = ask({"s": {"licence": "MIT", "contract": CONTRACT}}, [("MIT", "s", 1, 9)]).parts
    assert (part.answer, part.basis) == ("allow", "licence")


@pytest.mark.parametrize(("asked", "shown"), [(("CN", "SG"), "CN, SG"), ((), "运行配置未填写")])
def test_the_report_says_what_territory_contracts_were_held_against_and_which_is_not_known_to_cover_it(asked, shown):
    run = run_of({"s": {"contract": {**CONTRACT, "territory": []}}}, {"s": 1}, territory=asked)
    blocks = uses([screened(run, [("no-repost", "s", 1, 9)], "train", table(), resolve)], table().duties)
    page = report_html(article19(run, "a" * 64, signed=True, uses=blocks))
    assert "合同，但其地域是否涵盖使用地不明" in page and "contract, its territory not known to cover this use" in page
    at = page.index("模型的使用地域")
    assert shown in page[at : at + 400]
