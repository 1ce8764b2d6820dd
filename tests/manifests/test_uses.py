"""What a mixture may be used for: hand-worked runs, and laws: the minimum, and the smallest removal by trying every other."""

from dataclasses import replace
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from checks.licence.uses import resolve, resolve_in, table
from manifests.article19 import article19
from manifests.disclose import report_html
from manifests.report import Note
from manifests.report_uses import uses
from manifests.runs import load_manifest, sealed_run
from manifests.uses import licences_of, screened
from manifests.uses_attribution import attribution
from schemas.canonical import digest_of
from schemas.manifest import Manifest, Registry, SourceEntry, TableSet
from schemas.uses import USES, VALUES
from tests.kit.ledgers import manifest as small_manifest
from tests.kit.ledgers import small_ledger

NOTHING = TableSet((), "")
BASE = small_manifest("run-1", NOTHING, NOTHING)


def run_of(
    declared: dict[str, dict], looked: dict[str, int], day: str = "2026-11-21", territory: tuple[str, ...] = ("CN",)
) -> Manifest:
    """A manifest whose sources declare *declared* and of which the run looked at *looked* records each."""
    entries = tuple(SourceEntry(s, {"id": s, **d}, digest_of(d)) for s, d in sorted(declared.items()))
    one = BASE.counts.sources[0]
    counted = tuple(
        replace(
            one, source=s, records=replace(one.records, read=n, looked_at=n, unread=0, unread_by={}, text_bytes=10 * n)
        )
        for s, n in sorted(looked.items())
    )
    return replace(
        BASE,
        registry=Registry("", entries),
        counts=replace(BASE.counts, sources=counted),
        settings={"as_of": day, "territory": list(territory)},
    )


def ask(declared, counted, use="commercial_service", looked=None, territory=("CN",), **more):
    looked = looked if looked is not None else {s: sum(n for _, t, n, _ in counted if t == s) for s in declared}
    return screened(run_of(declared, looked, territory=territory), counted, use, table(), resolve, **more)


def test_by_hand_what_goes_and_what_stays_with_which_duties():
    declared = {
        "books": {"licence": "CC-BY-4.0", "name": "Books", "owner": "A Press"}, "code": {"licence": "MIT OR GPL-2.0-only"},
        "web": {}, "alpaca": {"licence": "CC-BY-NC-4.0"},
    }  # fmt: skip
    counted = [
        ("CC-BY-4.0", "books", 100, 1000), ("CC-BY-SA-4.0", "books", 5, 50), ("MIT OR GPL-2.0-only", "code", 7, 70),
        ("LicenseRef-no-repost", "web", 3, 30), ("unknown", "web", 40, 400), ("CC0-1.0", "web", 2, 20),
        ("CC-BY-NC-4.0", "alpaca", 52, 520),
    ]  # fmt: skip
    found = ask(declared, counted)
    assert (found.answer, found.without, found.counted, found.records) == ("deny", "conditional", True, 209)
    gone = {(part.source, part.licence, part.answer) for part in found.parts if part.remove}
    assert gone == {
        ("web", "LicenseRef-no-repost", "deny"), ("web", "LicenseRef-unknown", "unknown"), ("alpaca", "CC-BY-NC-4.0", "deny"),
    }  # fmt: skip
    assert found.removal == replace(
        found.removal, parts=3, sources=("alpaca",), records=95, bytes=950, tokens=None
    )  # fmt: skip
    counting = {"web": (300, 1000), "alpaca": (10, 70), "books": (1, 1)}
    with_tokens = ask(declared, counted, density=counting)
    assert with_tokens.removal == replace(found.removal, tokens=round(430 * 300 / 1000 + 520 * 10 / 70))
    without_one = ask(declared, counted, density={"web": (300, 1000)})
    assert without_one.removal.tokens is None, "a part that nobody counted makes no total"
    assert found.duties == ("credit", "indicate-changes", "keep-notices", "share-alike")
    assert [part.chosen for part in found.parts if part.source == "code"] == ["MIT"]
    assert [(c.licence, c.source, c.owner) for c in found.credits] == [
        ("CC-BY-4.0", "books", "A Press"), ("CC-BY-SA-4.0", "books", "A Press"), ("MIT", "code", None),
    ]  # fmt: skip
    assert [c.records for c in found.credits] == [105, 5, 7]  # a record under two licences is under each
    strict = ask(declared, counted, accepted=("allow",))
    assert (strict.without, strict.removal.records) == ("allow", 100)
    assert ask(declared, counted, "train").removal.records == 43  # NC bars a service for gain, not training for none


def test_a_record_is_under_what_its_source_declares_and_what_it_shows_itself():
    (part,) = ask({"s": {"licence": "CC-BY-NC-4.0"}}, [("MIT", "s", 1, 9)]).parts
    assert (part.answer, part.licence) == ("deny", "MIT AND CC-BY-NC-4.0")
    (part,) = ask({"s": {"licence": "MIT"}}, [("LicenseRef-no-training", "s", 1, 9)]).parts
    assert part.answer == "deny"
    (part,) = ask({"s": {}}, [("MIT", "s", 1, 9)]).parts
    assert (part.answer, part.licence) == ("allow", "MIT")


def test_a_contract_as_one_text_of_an_earlier_run_covers_nothing():
    (part,) = ask({"s": {"contract": "evidence/contract.pdf"}}, [("unknown", "s", 1, 9)]).parts
    assert part.answer == "unknown"


def test_text_of_a_model_is_under_the_models_terms_too_and_of_an_unnamed_one_unknown():
    for declared, answer in (
        ({"licence": "MIT", "generator": {"model": "m", "licence": "Apache-2.0"}}, "allow"),
        ({"licence": "MIT", "generator": {"model": "m", "licence": "llama3"}}, "deny"),
        ({"licence": "MIT", "generator": {"model": "m"}}, "unknown"),
        ({"licence": "MIT", "generator": "m"}, "unknown"),
        ({"licence": "MIT", "class": "synthetic"}, "unknown"),
    ):
        assert [p.answer for p in ask({"s": declared}, [("MIT", "s", 1, 9)]).parts] == [answer], declared


def test_a_rejected_review_denies_whatever_the_licence_or_contract():
    rejected = {
        "licence": "MIT",
        "contract": {"id": "C-1", "uses": ["commercial_service"], "territory": ["worldwide"]},
        "review": {"decision": "rejected", "by": "x", "on": "2026-01-01"},
    }
    (part,) = ask({"s": rejected}, [("MIT", "s", 1, 9)]).parts
    assert (part.answer, part.basis, part.remove) == ("deny", "review", True)
    for_one = {
        "licence": "MIT",
        "reviews": [{"decision": "rejected", "by": "x", "on": "2026-01-01", "uses": ["redistribute"]}],
    }
    assert ask({"s": for_one}, [("MIT", "s", 1, 9)], "train").answer == "allow"
    assert ask({"s": for_one}, [("MIT", "s", 1, 9)], "redistribute").answer == "deny"


def test_a_basis_outside_copyright_makes_the_unknown_conditional_and_leaves_a_denial():
    laws = {"legal_basis": "outside copyright: PRC Copyright Law Art. 5"}
    (part,) = ask({"s": laws}, [("unknown", "s", 1, 9)]).parts
    assert (part.answer, part.basis, part.duties) == ("conditional", "legal-basis", ("outside-copyright",))
    assert ask({"s": laws}, [("no-repost", "s", 1, 9)]).answer == "deny"
    assert ask({"s": {"legal_basis": "fair use"}}, [("unknown", "s", 1, 9)]).answer == "unknown"


def test_records_that_the_check_was_not_shown_are_unknown_and_their_bytes_not_counted():
    found = ask({"s": {"licence": "MIT"}}, [("MIT", "s", 5, 50)], looked={"s": 8})
    assert [(p.licence, p.basis, p.answer, p.records, p.bytes) for p in found.parts] == [
        (None, "not-looked-at", "unknown", 3, None), ("MIT", "licence", "allow", 5, 50),
    ]  # fmt: skip
    assert (found.removal.records, found.removal.bytes, found.removal.sources) == (3, None, ())


def test_without_counts_of_record_licences_the_sources_declarations_stand_alone_and_it_is_told():
    found = ask({"a": {"licence": "MIT"}, "b": {}}, None, looked={"a": 4, "b": 6})
    assert not found.counted
    assert [(p.source, p.answer, p.records, p.bytes) for p in found.parts] == [
        ("b", "unknown", 6, 60),
        ("a", "allow", 4, 40),
    ]
    assert found.removal.sources == ("b",)


def test_a_run_of_nothing_has_no_answer():
    found = ask({}, [])
    assert (found.answer, found.without, found.removal.parts, found.credits) == (None, None, 0, ())


LICENCES = [
    "MIT",
    "CC-BY-4.0",
    "CC-BY-NC-4.0",
    "GPL-3.0-only",
    "unknown",
    "LicenseRef-no-repost",
    "MIT OR CC-BY-NC-4.0",
]
MIXTURES = st.lists(
    st.tuples(st.sampled_from(LICENCES), st.sampled_from("abc"), st.integers(1, 99), st.integers(0, 999)),
    max_size=6, unique_by=lambda row: row[:2],
)  # fmt: skip


@given(MIXTURES, st.sampled_from(USES), st.booleans())
@settings(deadline=None)
def test_the_removal_permits_the_use_and_no_smaller_one_does(counted, use, strict):
    accepted = ("allow",) if strict else ("allow", "conditional")
    declared = {source: {} for source in "abc"}
    looked = {s: sum(n for _, t, n, _ in counted if t == s) for s in "abc"}
    found = ask(declared, counted, use, looked=looked, accepted=accepted)
    ranks = [VALUES.index(part.answer) for part in found.parts]
    assert found.answer == (VALUES[min(ranks)] if ranks else None)
    assert found.without is None or found.without in accepted
    # Every set of parts, tried: what permits the use costs at least as many records.
    permitted = [
        sum(part.records for part in gone)
        for size in range(len(found.parts) + 1)
        for gone in combinations(found.parts, size)
        if all(part in gone or part.answer in accepted for part in found.parts)
    ]
    assert min(permitted) == found.removal.records
    gone = {(part.source, part.licence) for part in found.parts if part.remove}
    kept = [row for row in counted if (row[1], resolve(row[0]).id) not in gone]
    left = {s: sum(n for _, t, n, _ in kept if t == s) for s in "abc"}
    again = ask(declared, kept, use, looked=left, accepted=accepted)
    assert (again.answer, again.duties, again.credits) == (found.without, found.duties, found.credits)
    assert again.removal.parts == 0


@given(
    MIXTURES,
    st.tuples(st.sampled_from(LICENCES), st.just("d"), st.integers(1, 9), st.integers(0, 9)),
    st.sampled_from(USES),
)
@settings(deadline=None)
def test_a_further_source_never_makes_the_mixture_more_permissive(counted, more, use):
    declared = {source: {} for source in "abcd"}
    before, after = ask(declared, counted, use), ask(declared, [*counted, more], use)
    assert before.answer is None or VALUES.index(after.answer) <= VALUES.index(before.answer)
    assert set(before.duties) <= set(after.duties)
    assert after.removal.records >= before.removal.records


def test_the_attribution_list_is_in_both_languages_and_holds_no_path():
    declared = {
        "books": {"licence": "CC-BY-4.0", "name": "书库", "owner": "某出版社", "paths": ["/secret/x"], "licence_evidence": {"file": "p/q.pdf"}},
        "nc": {"licence": "CC-BY-NC-4.0", "name": "NC"}, "zero": {"licence": "CC0-1.0"},
    }  # fmt: skip
    found = ask(declared, [("CC-BY-4.0", "books", 1, 9), ("CC-BY-NC-4.0", "nc", 1, 9), ("CC0-1.0", "zero", 1, 9)])
    page = attribution(found.credits, table().duties)
    assert "## CC-BY-4.0\n\nhttps://creativecommons.org/licenses/by/4.0/\n" in page
    assert "- 书库 (books), © 某出版社\n" in page
    assert "说明作过修改。 say that changes were made.\n" in page
    assert "NC" not in page  # it would be removed
    assert "zero" not in page  # it asks for no credit
    assert "secret" not in page
    assert "p/q" not in page
    assert "没有来源的许可要求署名" in attribution((), {})


def test_the_report_shows_uses_in_both_languages_without_a_verdict_on_the_law():
    declared = {"books": {"licence": "CC-BY-4.0", "name": "Books"}, "web": {}}
    counted = [("CC-BY-4.0", "books", 1, 9), ("no-repost", "web", 4, 40)]
    run = run_of(declared, {"books": 1, "web": 4})
    blocks = uses([screened(run, counted, use, table(), resolve) for use in USES], table().duties)
    page = report_html(article19(run, "a" * 64, signed=True, uses=blocks))
    for shown in ("可用于何种用途（初筛）", "Permitted uses (a screen)", "不是法律结论", "not a legal conclusion", "未经律师审核",
                  "not reviewed by counsel", "商业服务", "commercial service", "LicenseRef-no-repost", table().digest, "署名清单",
                  "https://creativecommons.org/licenses/by/4.0/", "未指定分词器，未计词元"):  # fmt: skip
        assert shown in page, shown
    assert "合规" not in page
    assert "compliant" not in page.lower()
    by_name = {block.caption: block for block in blocks if hasattr(block, "caption")}
    line = next(row for row in by_name["uses"].rows if row[0].value.en == "commercial service")
    assert [cell.value for cell in line[1:]] == ["answer.deny", 1, 0, 0, 4, 4, 40, "answer.allow"]
    assert [[cell.value for cell in row] for row in by_name["uses_barred"].rows] == [
        ["LicenseRef-no-repost", *["answer.deny"] * 5, "basis.licence", "web", 4, 40],
    ]  # fmt: skip
    credit, changes = by_name["uses_duties"].rows
    assert (credit[1].value.zh, credit[2].value, credit[3].value) == (
        "训练、微调、商业服务、再分发、改编",
        "CC-BY-4.0",
        1,
    )
    assert changes[0].value.en == "say that changes were made"
    assert uses([], {}) == []
    alone = uses([screened(run, None, "train", table(), resolve)], {})
    assert Note("uses_not_counted") in alone


def test_a_sealed_run_without_the_rollup_says_that_record_licences_were_not_counted(tmp_path):
    ledger, _ = small_ledger(tmp_path)
    made = load_manifest(ledger.store, sealed_run(ledger.store, "run-1"))
    assert licences_of(ledger.store, made) is None
    found = screened(made, None, "train", table(), lambda expression: resolve_in(table(), expression))
    assert [(p.source, p.answer, p.records) for p in found.parts] == [
        ("news-zh", "unknown", 8),
        ("books-en", "allow", 2),
    ]
