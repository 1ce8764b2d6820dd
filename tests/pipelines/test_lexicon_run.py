"""A keyword library in a run: words are sought and kept nowhere; the commands print counts; a scorer sees samples alone."""

import json

import pytest

from checks import BY_NAME
from manifests.runs import load_manifest, sealed_runs
from manifests.store import open_store
from pipelines.config import load_run
from tests.kit.command import command, here, lines, write_run
from tests.kit.lexicons import CANARY, CSV, documents


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    folder = tmp_path_factory.mktemp("library")
    texts = [*documents(600), f"机密★17年\n{CANARY}\n" + "\n".join("正文一行" for _ in range(12))]
    files = {"web.jsonl": lines(*({"text": text} for text in texts))}
    run = write_run(folder, {"web": "paths: [corpus/web.jsonl]\nlicence: MIT\n"}, files, "keywords: library.jsonl\n")
    (folder / "list.csv").write_text(CSV, encoding="utf-8")
    (folder / "clean.jsonl").write_bytes(lines(*({"text": text} for text in documents(600, everywhere="", rare=""))))
    made = here("lexicon", "import", folder / "list.csv", "--output", folder / "library.jsonl", "--as-of", "2026-11-20", "--reference", folder / "clean.jsonl", "--on", "2026-11-22")  # fmt: skip
    assert made.code == 0, made.err
    assert CANARY not in made.out
    done = command("run", run, "--json")
    assert done.code in (0, 1), done.err
    return folder, done


def values(done, check):
    return {m["measure"]: m["value"] for m in json.loads(done.out.splitlines()[-1])["measures"] if m["check"] == check}


def test_a_run_seeks_the_words_of_the_library(ran):
    _, done = ran
    safety = values(done, "safety")
    assert (safety["library_records"], safety["a1_b_candidate_records"], safety["a1_h_candidate_records"]) == (2, 1, 1)
    assert (safety["library_words"], safety["library_set_aside"], safety["library_risks_short"]) == (4, 1, 17)
    assert values(done, "confidentiality")["state_secret_records"] == 1


def test_no_word_of_the_library_and_no_text_of_a_hint_stands_in_the_ledger_or_in_what_was_printed(ran):
    folder, done = ran
    store = open_store(str(folder / "ledger"))
    manifest = load_manifest(store, sealed_runs(store)[-1])
    assert next(c for c in manifest.checks if c.name == "safety").settings["library_file"] is not None
    held = [path for path in (folder / "ledger").rglob("*") if path.is_file()]
    for path in held:
        data = path.read_bytes()
        assert not any(word.encode() in data for word in (CANARY, "赌场送金", "★17年")), path
    assert not any(word in done.out + done.err for word in (CANARY, "赌场送金", "★17年"))
    assert not list((folder / "ledger" / "work").rglob("*.parquet"))


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("keywords: nothing.jsonl\n", "keywords: 'nothing.jsonl' cannot be read"),
        ("keywords: corpus/web.jsonl\n", "no library of this program"),
        ("keywords: s3://bucket/x\n", "is no file of this machine"),
        ("keywords: x.jsonl\nchecks: {safety: off}\n", "the check `safety` is off"),
        ("checks: {safety: {library: abc}}\n", "library and what is told of it follow from `keywords`"),
    ],
)
def test_keywords_that_are_wrong_are_told(tmp_path, more, told):
    run = write_run(
        tmp_path, {"web": "paths: [corpus/web.jsonl]\nlicence: MIT\n"}, {"web.jsonl": lines({"text": "a"})}, more
    )
    done = here("plan", run)
    assert done.code == 2
    assert told in done.err


def test_the_commands_print_counts_and_never_a_word(ran):
    folder, _ = ran
    for words in (("show",), ("audit", "--reference", folder / "clean.jsonl"), ("show", "--json")):
        done = here("lexicon", words[0], folder / "library.jsonl", *words[1:])
        assert done.code == 0, done.err
        assert "A1.b" in done.out
        assert not any(word in done.out for word in (CANARY, "赌场"))
    again = here("lexicon", "import", folder / "list.csv", "--output", folder / "library.jsonl")
    assert (again.code, "exists already" in again.err) == (2, True)


SCORER = """
name, version = "kit-model", "3"
def load():
    def scores(texts):
        assert len(texts) <= 256 and all(isinstance(text, str) for text in texts)
        assert not any("★17年" in text for text in texts), "a hint of a state secret was shown"
        return [{"A1.h": 0.9 if "赌场" in text else 0.1, "A1.f": 0.5} for text in texts]
    return scores
"""


def scored(folder, text, *more):
    (folder / "scorer.py").write_text(text, encoding="utf-8")
    run = sealed_runs(open_store(str(folder / "ledger")))[-1].run
    return here("lexicon", "score", run, "--ledger", folder / "ledger", "--json", *more)


def test_a_scorer_sees_a_keyed_sample_and_the_candidates_and_its_figures_stand_apart(ran):
    folder, _ = ran
    seed = "ab" * 32
    done = scored(folder, SCORER, "--scorer", folder / "scorer.py", "--sample", 50, "--seed", seed)
    assert done.code == 0, done.err
    told = json.loads(done.out)
    assert told["scorer"]["name"] == "kit-model"
    assert told["seed"] == seed
    [source] = told["sources"]
    assert source["sample"]["of"] == 600  # of 601 records one has a hint of a state secret
    assert source["sample"]["scored"] == 50
    assert source["sample"]["reached"]["A1.f"] == 50
    assert source["candidates"] == {"of": 1, "scored": 1, "reached": {"A1.f": 1, "A1.h": 1}}
    assert (
        json.loads(scored(folder, SCORER, "--scorer", folder / "scorer.py", "--sample", 50, "--seed", seed).out) == told
    )
    assert CANARY not in done.out


def test_run_yaml_names_the_scorer_and_no_run_follows_from_it(ran):
    folder, _ = ran
    before = (folder / "run.yaml").read_text("utf-8")
    digest = load_run(folder / "run.yaml", BY_NAME, "2026-11-22").digest()
    (folder / "run.yaml").write_text(
        before + "scorer: {file: scorer.py, sample: 20, threshold_ppm: 950000}\n", encoding="utf-8"
    )
    assert load_run(folder / "run.yaml", BY_NAME, "2026-11-22").digest() == digest
    done = scored(folder, SCORER, "--config", folder / "run.yaml")
    assert done.code == 0, done.err
    told = json.loads(done.out)
    assert (told["most"], told["threshold_ppm"], told["sources"][0]["sample"]["reached"]) == (20, 950_000, {})


@pytest.mark.parametrize(
    ("text", "told", "code"),
    [
        (SCORER.replace("0.9", "float('nan')").replace("0.1", "2"), "a score of A1.h that is no number from 0 to 1", 3),
        (SCORER.replace('"A1.f"', '"A9.x"'), "scores what is no leaf", 3),
        (SCORER.replace("for text in texts]\n", "for text in texts][1:]\n"), " texts; give one for each", 3),
        (SCORER.replace("return [{", "raise ValueError(texts[0])\n        return [{"), "ValueError at its line", 3),
        ("name = 'x'\n", "no scorer (AttributeError)", 2),
        ("syntax error", "no scorer (SyntaxError)", 2),
        ("name, version, load = 1, 2, lambda: 3\n", "load() gives nothing that can be called", 2),
    ],
)
def test_a_scorer_that_is_wrong_is_told_without_a_text(ran, text, told, code):
    folder, _ = ran
    done = scored(folder, text, "--scorer", folder / "scorer.py", "--sample", 50)
    assert (done.code, told in done.err) == (code, True), done.err
    assert "篇：" not in done.err
