"""The index of licence texts: what it finds word for word and nearly so, that nothing breaks it, and that it is what its digest says."""

import hashlib
import os
import time
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.licence.texts import DIGEST, build, matches, store
from checks.licence.texts.match import PPM
from checks.licence.texts.packing import KINDS, Rules, packed, unpacked
from checks.licence.texts.versions import commons, resolved

HERE = Path(__file__).with_name("licence_texts")
ROOT = Path(__file__).resolve().parents[2]
APACHE_HEADER = """   Licensed under the Apache License, Version 2.0 (the "License");
   you may not use this file except in compliance with the License.
   You may obtain a copy of the License at

       http://www.apache.org/licenses/LICENSE-2.0

   Unless required by applicable law or agreed to in writing, software
   distributed under the License is distributed on an "AS IS" BASIS,
   WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
   See the License for the specific language governing permissions and
   limitations under the License.
"""
GNU = """ * This program is free software; you can redistribute it and/or modify
 * it under the terms of the GNU {name}General Public License as published by
 * the Free Software Foundation{version}.
 *
 * This program is distributed in the hope that it will be useful,
 * but WITHOUT ANY WARRANTY; without even the implied warranty of
 * MERCHANTABILITY or FITNESS FOR A PARTICULAR PURPOSE.  See the
 * GNU {name}General Public License for more details.
"""
LATER = "; either version {} of the License, or\n * (at your option) any later version"
ONLY = "; version {} of the License"


def text(name: str) -> str:
    return (HERE / f"{name}.txt").read_text(encoding="utf-8")


def found(of: str) -> set[str]:
    return {match.licence for match in matches(of)}


@pytest.mark.parametrize(
    ("name", "licence"),
    [("mit", "MIT"), ("bsd-2-clause", "BSD-2-Clause"), ("bsd-3-clause", "BSD-3-Clause"), ("mulanpsl-2.0", "MulanPSL-2.0"),
     ("cc-by-nc-4.0", "CC-BY-NC-4.0")],
)  # fmt: skip
def test_a_licence_s_own_text_is_found_alone_within_a_file_and_with_a_few_words_changed(name, licence):
    whole = text(name)
    (alone,) = matches(whole)
    assert (alone.licence, alone.containment_ppm, alone.kind, alone.whole) == (licence, PPM, "text", True)
    around = (
        f"Copyright (c) 2021 somebody of Harbour Street\n\n{whole}\n\nThat was all, and the sea was calm that day.\n"
    )
    (within,) = matches(around)
    assert within.licence == licence and not within.whole
    assert len(whole) * 0.97 < within.end - within.start <= len(whole) + 40
    third = len(whole) // 3
    changed = f"{whole[:third]} dunes {whole[third : 2 * third]} marram {whole[2 * third :]}"
    assert licence in found(changed) and all(m.containment_ppm < PPM for m in matches(changed) if m.licence == licence)


def test_apache_is_found_by_its_text_and_by_its_header():
    whole = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert found(whole) == {"Apache-2.0"}
    (header,) = matches(APACHE_HEADER)
    assert (header.licence, header.kind) == ("Apache-2.0", "notice")
    commented = "".join(f"// {line}\n" for line in APACHE_HEADER.splitlines())
    assert found(f"// Copyright 2020 somebody\n//\n{commented}\npackage main\n") == {"Apache-2.0"}


@pytest.mark.parametrize(
    ("name", "version", "licence"),
    [("", LATER.format("2"), "GPL-2.0-or-later"), ("", ONLY.format("2"), "GPL-2.0-only"), ("", LATER.format("3"), "GPL-3.0-or-later"),
     ("", ONLY.format("3"), "GPL-3.0-only"), ("Lesser ", LATER.format("2.1"), "LGPL-2.1-or-later"),
     ("Lesser ", ONLY.format("2.1"), "LGPL-2.1-only"), ("Library ", LATER.format("2"), "LGPL-2.0-or-later"),
     ("Lesser ", LATER.format("3"), "LGPL-3.0-or-later"), ("Affero ", LATER.format("3"), "AGPL-3.0-or-later")],
)  # fmt: skip
def test_a_gnu_notice_says_its_name_version_and_whether_later_ones_too(name, version, licence):
    notice = GNU.format(name=name, version=version)
    assert found(notice) == {licence}
    assert found(f"/*\n{notice} */\nint main(void) {{ return 0; }}\n") == {licence}


def test_chinese_names_of_licences_are_found_by_characters():
    assert found("本项目采用木兰宽松许可证，第2版，详见文件。") == {"MulanPSL-2.0"}
    assert found("本作品采用知识共享署名-非商业性使用-相同方式共享 4.0 国际许可协议进行许可。") == {"CC-BY-NC-SA-4.0"}
    assert found("本作品采用知识共享署名 4.0 国际许可协议进行许可。") == {"CC-BY-4.0"}
    assert found("木兰树开花了，知识共享是好事。") == set()


def test_ordinary_text_holds_none():
    assert (
        matches(
            "The heron that winters near Dunmere came back in July, nine days later than last year, and nobody minded."
        )
        == ()
    )
    assert matches("鹭鸟七月归来，比去年晚了九天。" * 50) == ()
    assert matches("") == matches(" \n") == ()


def test_a_version_that_the_passage_lacks_is_not_taken_from_what_is_like_it():
    assert (
        resolved("GPL-3.0-only", "the GNU General Public License", "the GNU General Public License", sure=False)
        == "GPL-1.0-or-later"
    )
    assert (
        resolved("GPL-3.0-only", "the GNU General Public License", "the GNU General Public License", sure=True)
        == "GPL-3.0-only"
    )
    assert resolved("MIT", "version 2 or later", "version 2 or later", sure=False) == "MIT"
    both = "GPL-2.0-only OR GPL-3.0-only"
    assert (
        resolved(both, "GNU General Public License version 2", "GNU General Public License version 2", sure=False)
        == "GPL-2.0-only"
    )
    assert resolved(both, "GPL version 2 or version 3", "GPL version 2 or version 3", sure=True) == both


def test_a_creative_commons_text_is_what_its_title_says():
    assert commons("CC-BY-ND-4.0", "Creative Commons Attribution 4.0 International Public License") == "CC-BY-4.0"
    title = "Creative Commons Attribution-NonCommercial-NoDerivatives 4.0 International"
    assert commons("CC-BY-4.0", title) == "CC-BY-NC-ND-4.0"
    assert commons("CC-BY-4.0", "nothing said") == "CC-BY-4.0" and commons("MIT", title) == "MIT"


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.text(), st.sampled_from([APACHE_HEADER, text("mit"), text("mulanpsl-2.0"), "GPL-2+ ", "\x00", "\ud800"])
        ),
        max_size=6,
    )
)
def test_whatever_the_text_nothing_is_raised_and_places_lie_in_it(pieces):
    whole = "".join(pieces)
    told = matches(whole)
    assert told == matches(whole)
    for match in told:
        assert 0 <= match.start < match.end <= len(whole) and 0 < match.containment_ppm <= PPM and match.kind in KINDS


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_cut_of_damaged_bytes_is_read(data):
    raw = bytearray((text("cc-by-nc-4.0")[:3000] + text("mulanpsl-2.0")).encode())
    for at in data.draw(st.lists(st.integers(0, len(raw) - 1), max_size=20)):
        raw[at] = data.draw(st.integers(0, 255))
    start = data.draw(st.integers(0, len(raw)))
    cut = bytes(raw[start : start + data.draw(st.integers(0, len(raw)))]).decode("utf-8", "replace")
    assert all(0 <= m.start < m.end <= len(cut) for m in matches(cut))


def test_a_licence_across_the_seam_of_two_pieces_is_found_once():
    filler = "dunes and marram grass grow where the wind lets them be " * 30_000
    for before in (700_000, 786_000, 1_040_000):
        whole = filler[:before] + "\n\n" + text("mit") + "\n\n" + filler[:400_000]
        (match,) = matches(whole)
        assert match.licence == "MIT" and abs(match.start - before - 2) < 40


@pytest.mark.parametrize("unit", ["未经授权不得转载。", "a ", "the license of the software ", "mit", "bsd-3-clause"])
def test_a_text_four_times_as_long_costs_no_more_than_six_times_as_much(unit):
    matches("warm up")
    unit = text(unit) if (HERE / f"{unit}.txt").exists() else unit
    took = []
    for size in (1_000_000, 4_000_000):
        whole = unit * (size // len(unit))
        began = time.process_time()
        matches(whole)
        took.append(time.process_time() - began)
    assert took[1] < 6 * took[0] + 0.5


def test_every_licence_of_several_in_a_row_is_found():
    whole = (
        "".join(f"{text(name)}\n" for name in ("bsd-3-clause", "mit", "bsd-2-clause", "cc-by-nc-4.0")) + APACHE_HEADER
    )
    assert found(whole) == {"BSD-3-Clause", "MIT", "BSD-2-Clause", "CC-BY-NC-4.0", "Apache-2.0"}
    assert [m.start for m in matches(f"{text('mit')}\n\n{text('mit')}")] == [0, len(text("mit")) + 2]


def test_a_text_of_nothing_but_licences_stops_costing():
    whole = "".join(f"{text('mit')}\n{n} {n * n}\n{text('bsd-3-clause')}\n" for n in range(2_000))
    began = time.process_time()
    assert {"MIT", "BSD-3-Clause"} <= found(whole)
    assert time.process_time() - began < 30


def test_the_packed_file_is_what_its_digest_says_and_small():
    data = store.PATH.read_bytes()
    assert hashlib.sha256(data).hexdigest() == DIGEST and len(data) < 8 << 20
    rules = unpacked(data, DIGEST)
    assert rules.made_from["package"] == build.PACKAGE and rules.made_from["version"] == build.VERSION
    assert rules.made_from["sha256"] == build.SHA256
    assert rules.made_from["own"] == hashlib.sha256(store.PATH.with_name("own.yaml").read_bytes()).hexdigest(), (
        "build the file anew"
    )
    with pytest.raises(ValueError, match="take the file of this version again"):
        unpacked(data[:-1], DIGEST)
    attribution = resources.files("checks.licence.texts").joinpath("ATTRIBUTION.md").read_text(encoding="utf-8")
    assert build.VERSION in attribution and "CC-BY-4.0" in attribution and "CC0-1.0" in attribution


def test_dataset_and_model_licences_are_among_them():
    expressions = set(unpacked(store.PATH.read_bytes(), DIGEST).expressions)
    for name in (
        "ODC-By-1.0",
        "ODbL-1.0",
        "PDDL-1.0",
        "CDLA-Permissive-2.0",
        "CDLA-Sharing-1.0",
        "O-UDA-1.0",
        "C-UDA-1.0",
    ):
        assert name in expressions
    for part in (
        "llama-2",
        "llama-3.1",
        "llama-4",
        "gemma",
        "qwen",
        "deepseek",
        "bigscience-rail",
        "bigcode-open-rail",
        "openai-tou",
        "mulanpubl",
    ):
        assert any(part in expression for expression in expressions), part


def test_rules_are_packed_and_read_again_as_they_were():
    rules = build.made(
        build.own_rules(
            "phrases: {MIT: [one two three four five six]}\ncreative_commons: {starts: [], terms: {}, versions: []}\nllama: {ways: [], versions: {}}"
        ),
        {},
    )
    again = unpacked(data := packed(rules), hashlib.sha256(data).hexdigest())
    assert isinstance(again, Rules) and again.expressions == ("MIT",) and len(again.vocabulary) == 6
    made = store.indexed(again)
    assert made.sizes.tolist() == [3] and made.required_terms.tolist() == made_terms(again)


def made_terms(rules: Rules) -> list[int]:
    return rules.terms.tolist()


def test_the_index_is_made_once_mapped_after_and_made_anew_where_it_is_damaged(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    first = store.opened()
    (kept,) = (tmp_path / "corpusledger").glob("*.idx")
    stamp = kept.stat().st_mtime_ns
    again = store.opened()
    assert kept.stat().st_mtime_ns == stamp
    for name in ("shingles", "first", "rules", "sizes", "wholes", "required_terms"):
        assert np.array_equal(getattr(first, name), getattr(again, name)), name
    damaged = bytearray(kept.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    kept.write_bytes(damaged)
    assert np.array_equal(store.opened().rules, first.rules) and kept.read_bytes() != bytes(damaged)
    kept.chmod(0o666)  # others may have written it
    written = kept.stat().st_ino
    store.opened()
    assert kept.stat().st_ino != written


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_without_a_folder_to_write_to_the_index_is_made_in_memory(tmp_path, monkeypatch):
    (tmp_path / "cache").mkdir(mode=0o500)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert len(store.opened().shingles) > 1_000_000


def test_a_cache_folder_that_is_a_file_only_costs_time(tmp_path, monkeypatch):
    (tmp_path / "cache").write_bytes(b"")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert len(store.opened().shingles) > 1_000_000
