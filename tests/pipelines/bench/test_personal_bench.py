"""`bench personal`: the same documents on both sides, nothing from the network, and a difference that is seen where one is."""

from pathlib import Path

import pytest

from pipelines.bench import personal_inputs
from pipelines.bench.personal_inputs import LANGUAGES, drawn, injected, short_records, size_of, texts
from tests.kit.personal_frames import generated

TEXTS = tuple(each.text for each in generated(values_a_type=8))


@pytest.mark.parametrize("language", LANGUAGES)
def test_compared_documents_are_drawn_from_all_and_equal_each_time(language: str, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(personal_inputs, "REAL", dict.fromkeys(("en", "zh"), (tmp_path / "absent",)))
    monkeypatch.setattr(personal_inputs, "SEEDED_BYTES", 60_000)
    monkeypatch.setattr(personal_inputs, "_CODE_FILES", 20)
    found = texts(language, 20_000)
    assert found == texts(language, 20_000)
    assert set(found.compared) <= set(found.all) and sum(map(size_of, found.compared)) >= 20_000
    assert language == "code" or "seeded" in found.said


def test_values_are_put_in_and_the_text_stays():
    documents = ("汉字" * 2000, "plain text " * 400)
    found = injected("zh", documents)
    assert found == injected("zh", documents) and all(len(a) > len(b) for a, b in zip(found, documents))
    assert sum(each.count("汉字") for each in found) >= 1990


def test_short_records_are_short():
    found = short_records(("一行\n" + "长" * 100, "word " * 100))
    assert len(found) > 5 and max(map(size_of, found)) <= 90
    assert drawn(found, 1) == drawn(found, 1) and len(drawn(found, 1)) == 1


def test_plain_presidio_finds_the_same_in_made_texts():
    speed = pytest.importorskip("pipelines.bench.personal_speed")
    from pipelines.bench import personal_peers as peers

    differing, figures = speed.compared("made", peers.plain_engine(), TEXTS)
    assert differing == 0
    assert figures["personal_findings_a_mb_made"][0] > 0 and figures["personal_vs_presidio_made"][0] > 0


def test_a_difference_is_counted(monkeypatch):
    from pipelines.bench import personal_peers as peers
    from pipelines.bench import personal_speed as speed

    search = speed.search
    monkeypatch.setattr(speed, "search", lambda documents: search(documents)[1:])
    assert speed.compared("made", peers.plain_engine(), TEXTS)[0] == 1


def test_the_public_suffix_list_is_never_fetched(monkeypatch):
    import socket

    from pipelines.bench import personal_peers as peers

    def no_network(*_):
        raise AssertionError("a socket was opened")

    peers.stay_offline()
    monkeypatch.setattr(socket.socket, "connect", no_network)
    found = peers.as_rows(peers.analyse(peers.default_engine(), "mail ada@example.org today"))
    assert ("EMAIL_ADDRESS", 5, 20, 1_000_000) in found
