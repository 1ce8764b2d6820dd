"""What a record's own fields and its source's generator declare, and how that meets the text."""

import json

import pytest

from checks.licence import Licence
from checks.licence.classes import classify
from checks.licence.generators import output_terms
from tests.kit.records import records

CC = "https://creativecommons.org/licenses/"
ZH = "正文讲的是山川与河流。" * 60

FIELDS = [
    # declared_licence, meta, licence, class, evidence, by kind
    (None, None, None, "unknown", 0, {}),
    (None, '{"lang": "zh"}', None, "unknown", 0, {}),
    (None, "not json at all", None, "unknown", 0, {}),
    (None, '{"license": "cc-by-nc-4.0"}', "CC-BY-NC-4.0", "non-commercial", 1, {"metadata": 1}),
    ("MIT", '{"license": "cc-by-nc-4.0"}', "CC-BY-NC-4.0 AND MIT", "non-commercial", 2, {"declared": 1, "metadata": 1}),
    ("MIT", '{"license": "mit"}', "MIT", "permissive", 1, {"declared": 1, "metadata": 1}),
    (None, '{"max_stars_repo_licenses": ["Apache-2.0", "BSD-3-Clause"]}', "Apache-2.0 AND BSD-3-Clause", "permissive", 2, {"metadata": 1}),
    (None, '{"license": {"spdx_id": "GPL-3.0", "name": "GNU"}}', "GPL-3.0-only", "share-alike", 1, {"metadata": 1}),
    (None, '{"repo": {"license_name": "llama2"}, "data_license": "CC-BY-4.0"}', "CC-BY-4.0 AND LicenseRef-scancode-llama-2-license-2023", "restricted", 2, {"metadata": 1}),
    (None, '{"license": null, "licence": ""}', None, "unknown", 0, {}),
    (None, '{"license": "ask us"}', "LicenseRef-unknown", "unknown", 1, {"metadata": 1}),
    (None, '{"license": "unterminated', None, "unknown", 0, {}),
    (None, '{"license": "\\u77e5\\u8bc6\\u5171\\u4eab\\u7f72\\u540d 4.0"}', "CC-BY-4.0", "attribution", 1, {"metadata": 1}),
    ("CC-BY-4.0", json.dumps({"licence_footer": CC + "by-nc/4.0/"}), "CC-BY-4.0 AND CC-BY-NC-4.0", "non-commercial", 2, {"declared": 1, "metadata": 1}),
    # An address elsewhere on the page is somebody's, perhaps a picture's: it grants nothing …
    (None, json.dumps({"licence_linked": CC + "by/4.0/"}), None, "unknown", 1, {"mention": 1}),
    ("CC-BY-4.0", json.dumps({"licence_linked": CC + "by-nc/4.0/"}), "CC-BY-4.0", "attribution", 2, {"declared": 1, "mention": 1}),
    # … and in words, Dublin Core's rights say what they say.
    (None, json.dumps({"licence_rights": "Copyright 2020 Example. All rights reserved."}), "LicenseRef-all-rights-reserved", "restricted", 1, {"metadata": 1}),
    (None, json.dumps({"licence_rights": "未经许可不得转载"}), "LicenseRef-no-repost", "restricted", 1, {"metadata": 1}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("declared", "meta", "licence", "licence_class", "evidence", "kinds"), FIELDS, ids=range(len(FIELDS))
)
def test_what_the_fields_of_a_record_declare(declared, meta, licence, licence_class, evidence, kinds):
    batch = records([{"text": ZH}, {"text": ZH, "declared_licence": declared, "meta": meta}]).slice(1)
    seen = Licence().look(batch)
    assert seen.columns.to_pylist() == [
        {"licence": licence, "licence_class": licence_class, "evidence_count": evidence}
    ]
    assert {k: n for k, n in seen.total["by_kind"].items() if n} == kinds
    assert seen.tables["licences"].to_pylist() == [
        {"licence": licence or "unknown", "records": 1, "bytes": len(ZH.encode())}
    ]


def test_a_mention_of_a_stricter_licence_leaves_the_sources_word_open():
    batch = records([{"text": ZH, "meta": json.dumps({"licence_linked": CC + "by-nc/4.0/"})}])
    seen = Licence().look(batch.replace_schema_metadata({"source.licence": "CC-BY-4.0"}))
    assert seen.columns["licence"].to_pylist() == ["CC-BY-4.0 AND LicenseRef-unknown"]


def test_licences_are_counted_with_their_bytes_and_null_text_has_none():
    rows = [{"text": "一", "declared_licence": "MIT"}, {"text": "abc", "declared_licence": "mit"}, {"text": ""}]
    assert Licence().look(records(rows)).tables["licences"].to_pylist() == [
        {"licence": "MIT", "records": 2, "bytes": 6},
        {"licence": "unknown", "records": 1, "bytes": 0},
    ]


GENERATORS = [
    ("GPT-4 2024-05", "LicenseRef-scancode-openai-tou-20241211", "restricted"),
    ("gpt-3.5-turbo", "LicenseRef-scancode-openai-tou-20241211", "restricted"),
    ("text-davinci-003", "LicenseRef-scancode-openai-tou-20241211", "restricted"),
    ("claude-3-opus-20240229", "LicenseRef-Anthropic", "restricted"),
    ("Gemini 1.5 Pro", "LicenseRef-service-output", "restricted"),
    ("文心一言 4.0", "LicenseRef-service-output", "restricted"),
    ("Meta-Llama-3.1-70B-Instruct", "LicenseRef-scancode-llama-3.1-license-2024", "restricted"),
    ("llama-2-7b-chat", "LicenseRef-scancode-llama-2-license-2023", "restricted"),
    ("Llama 3 8B", "LicenseRef-Llama-3", "restricted"),
    ("gemma-2-9b", "LicenseRef-scancode-gemma-tou-2024-04-01", "restricted"),
    ("our own model 7", None, "unknown"),
]


@pytest.mark.parametrize(("generator", "spdx", "licence_class"), GENERATORS, ids=[g for g, *_ in GENERATORS])
def test_output_terms_of_a_generator(generator, spdx, licence_class):
    assert [(d.spdx, d.licence_class) for d in output_terms(generator)] == [(spdx, licence_class)]


def test_a_text_made_by_two_models_is_under_the_terms_of_both():
    terms = {d.spdx for d in output_terms("GPT-4, rewritten by Llama-3.2-3B")}
    assert terms == {"LicenseRef-scancode-openai-tou-20241211", "LicenseRef-scancode-llama-3.2-license-2024"}


def test_no_licence_of_a_source_outweighs_its_generators_terms():
    batch = records([{"text": ZH, "declared_licence": "Apache-2.0"}])
    batch = batch.replace_schema_metadata({"source.licence": "MIT", "source.generator": "gpt-4o"})
    (row,) = Licence().look(batch).columns.to_pylist()
    assert row["licence"] == "Apache-2.0 AND LicenseRef-scancode-openai-tou-20241211 AND MIT"
    assert row["licence_class"] == "restricted"


def test_an_expression_of_many_licences_is_cut_to_the_strictest_and_says_so():
    ids = ["CC-BY-NC-4.0", *(f"CC-BY-{v}" for v in ("1.0", "2.0", "2.5", "3.0", "4.0")), "MIT", "ISC", "Zlib", "X11", "NTP",
           "curl", "BSL-1.0", "0BSD", "NCSA", "AFL-3.0", "ECL-2.0", "UPL-1.0", "Apache-2.0"]  # fmt: skip
    text = "".join(f"# SPDX-License-Identifier: {i}\n" for i in ids)
    (row,) = Licence().look(records([{"text": text}])).columns.to_pylist()
    terms = row["licence"].split(" AND ")
    assert len(terms) == 17
    assert {"CC-BY-NC-4.0", "LicenseRef-unknown"} <= set(terms)
    assert classify(row["licence"]).licence_class == "non-commercial"
