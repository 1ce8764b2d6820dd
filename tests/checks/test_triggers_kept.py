"""Compiled databases between processes: kept by name, believed only whole and our own, never needed."""

import numpy as np
import pytest

from checks.triggers import kept
from checks.triggers.kept import kept_database

hyperscan = pytest.importorskip("hyperscan")
EXPRESSIONS, NUMBERS = ("[0-9]{6}", "证号"), (3, 5)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where they are kept, empty."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "corpusledger"


def builder(built):
    """Compiles as the scan does, and counts."""

    def build():
        built.append(1)
        database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
        database.compile(expressions=[e.encode() for e in EXPRESSIONS], ids=list(NUMBERS), elements=2, flags=[0, 0])
        return database

    return build


def found_by(database):
    """Which of the expressions a text holds."""
    found = []
    text = np.frombuffer("证号 123456".encode(), np.uint8)
    database.scan(text, match_event_handler=lambda i, *_: found.append(i), scratch=hyperscan.Scratch(database))
    return sorted(set(found))


def test_it_is_compiled_once(folder):
    built = []
    first, second = (kept_database(EXPRESSIONS, NUMBERS, builder(built)) for _ in range(2))
    assert built == [1]
    assert found_by(first) == found_by(second) == [3, 5]
    assert [path.stat().st_mode & 0o77 for path in folder.iterdir()] == [0]


@pytest.mark.parametrize("damage", [lambda data: b"", lambda data: data[:-7], lambda data: bytes(len(data))])
def test_a_damaged_one_is_compiled_anew_and_replaced(folder, damage):
    built = []
    kept_database(EXPRESSIONS, NUMBERS, builder(built))
    (path,) = folder.iterdir()
    whole = path.read_bytes()
    path.write_bytes(damage(whole))
    assert found_by(kept_database(EXPRESSIONS, NUMBERS, builder(built))) == [3, 5]
    assert built == [1, 1]
    assert path.read_bytes() == whole


def test_one_that_others_may_write_to_is_not_believed(folder):
    built = []
    kept_database(EXPRESSIONS, NUMBERS, builder(built))
    (path,) = folder.iterdir()
    path.chmod(0o666)
    kept_database(EXPRESSIONS, NUMBERS, builder(built))
    assert built == [1, 1]


def test_other_expressions_and_numbers_have_a_file_of_their_own(folder):
    built = []
    kept_database(EXPRESSIONS, NUMBERS, builder(built))
    kept_database(EXPRESSIONS, (5, 3), builder(built))
    kept_database((*EXPRESSIONS, "x"), NUMBERS, builder(built))
    assert len(built) == len(list(folder.iterdir())) == 3


def test_without_a_place_to_keep_it_it_is_compiled_each_time(tmp_path, monkeypatch):
    taken = tmp_path / "file"
    taken.write_text("no folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(taken))
    built = []
    for _ in range(2):
        assert found_by(kept_database(EXPRESSIONS, NUMBERS, builder(built))) == [3, 5]
    assert built == [1, 1]


def test_the_folder_is_the_users(monkeypatch, tmp_path):
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert kept._folder() == tmp_path / ".cache" / "corpusledger"
