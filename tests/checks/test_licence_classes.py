"""From what people write as a licence to SPDX and a class; and triggers that miss no statement."""

import re

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checks.licence.classes import CC_URL, CLASSES, classify, declarations, is_stricter, most_restrictive, spdx_ids
from checks.licence.evidence import TRIGGERS
from checks.licence.names import ALIASES, OWN
from checks.licence.references import _TAG
from checks.licence.statements import ZH
from checks.licence.uses import AXES, resolve
from checks.triggers import scan

WRITTEN = [
    ("MIT", "MIT", "permissive"),
    ("mit", "MIT", "permissive"),
    ("The MIT License", "MIT", "permissive"),
    ("Apache License, Version 2.0", "Apache-2.0", "permissive"),
    ("https://www.apache.org/licenses/LICENSE-2.0.txt", "Apache-2.0", "permissive"),
    ("木兰宽松许可证，第2版", "MulanPSL-2.0", "permissive"),
    ("BSD", None, "permissive"),
    ("gpl-3.0", "GPL-3.0-only", "share-alike"),
    ("GPLv2+", "GPL-2.0-or-later", "share-alike"),
    ("GPL-2.0-or-later WITH Classpath-exception-2.0", "GPL-2.0-or-later WITH Classpath-exception-2.0", "share-alike"),
    ("odbl", "ODbL-1.0", "share-alike"),
    ("odc-by", "ODC-By-1.0", "attribution"),
    ("CC BY 4.0", "CC-BY-4.0", "attribution"),
    ("cc-by", "LicenseRef-CC-BY", "attribution"),
    ("CC BY-SA 3.0", "CC-BY-SA-3.0", "share-alike"),
    ("cc-by-nd-4.0", "CC-BY-ND-4.0", "no-derivatives"),
    ("cc-by-nc-sa-4.0", "CC-BY-NC-SA-4.0", "non-commercial"),
    ("Creative Commons Attribution-NonCommercial 4.0 International", "CC-BY-NC-4.0", "non-commercial"),
    ("知识共享署名-非商业性使用-禁止演绎 4.0 国际许可协议", "CC-BY-NC-ND-4.0", "non-commercial"),
    ("知识共享 署名-相同方式共享 3.0", "CC-BY-SA-3.0", "share-alike"),
    ("https://creativecommons.org/licenses/by-nc/4.0/deed.zh", "CC-BY-NC-4.0", "non-commercial"),
    ("http://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0", "public-domain"),
    ("CC0", "CC0-1.0", "public-domain"),
    ("public domain", None, "public-domain"),
    ("PolyForm-Noncommercial-1.0.0", "PolyForm-Noncommercial-1.0.0", "non-commercial"),
    ("SSPL-1.0", "SSPL-1.0", "restricted"),
    ("版权所有", "LicenseRef-all-rights-reserved", "restricted"),
    ("保留所有权利", "LicenseRef-all-rights-reserved", "restricted"),
    ("MIT AND CC-BY-NC-4.0", "MIT AND CC-BY-NC-4.0", "non-commercial"),
    ("MIT OR CC-BY-NC-4.0", "MIT OR CC-BY-NC-4.0", "permissive"),
    ("(MIT OR GPL-2.0-only) AND CC-BY-4.0", "(MIT OR GPL-2.0-only) AND CC-BY-4.0", "attribution"),
    ("MIT AND LicenseRef-house", None, "unknown"),
    ("LicenseRef-house", None, "unknown"),
    ("llama2", "LicenseRef-scancode-llama-2-license-2023", "restricted"),
    ("openrail", "LicenseRef-OpenRAIL", "restricted"),
    ("gemma", "LicenseRef-scancode-gemma-tou-2024-04-01", "restricted"),
    ("cc-by-nc", "LicenseRef-CC-BY-NC", "non-commercial"),
    ("GNU General Public License v3.0 or later", "GPL-3.0-or-later", "share-alike"),
    ("SPDX-not-a-licence", None, "unknown"),
    ("other", None, "unknown"),
    ("未知", None, "unknown"),
    ("", None, "unknown"),
    ("MIT AND", None, "unknown"),
    ("(" * 300, None, "unknown"),
    ("MIT " * 2_000, None, "unknown"),
]


@pytest.mark.parametrize(("written", "spdx", "licence_class"), WRITTEN, ids=range(len(WRITTEN)))
def test_what_people_write(written, spdx, licence_class):
    said = classify(written)
    assert (said.spdx, said.licence_class) == (spdx, licence_class)
    assert set(said.ids) <= spdx_ids()


CC = "https://creativecommons.org/"
SEVERAL = [
    ("", []),
    ("MIT License", [("MIT", "permissive")]),
    ("MIT OR GPL-2.0-only", [("MIT OR GPL-2.0-only", "permissive")]),
    (f"{CC}licenses/by/4.0/ {CC}", [("CC-BY-4.0", "attribution")]),  # the second link is no licence's
    (f"{CC} {CC}choose/", [(None, "unknown")]),
    (f"Creative Commons Attribution ({CC}licenses/by-nc/4.0/)", [("CC-BY-NC-4.0", "non-commercial"), ("LicenseRef-CC-BY", "attribution")]),
    (f"see {CC}licenses/by/4.0/ for the terms", [("CC-BY-4.0", "attribution")]),
    (f"{CC}licenses/by/4.0/ https://www.example.org/terms", [("CC-BY-4.0", "attribution"), (None, "unknown")]),
    (" ".join(f"{CC}licenses/by/4.0/deed.{a}{b}" for a in "abcd" for b in "efgh") + f" {CC}licenses/by-nd/4.0/",
     [("CC-BY-4.0", "attribution"), ("CC-BY-ND-4.0", "no-derivatives")]),  # longer than one declaration may be
    ("MIT, CC-BY-NC-4.0", [("MIT", "permissive"), ("CC-BY-NC-4.0", "non-commercial")]),
    ("CC-BY-NC-4.0 LicenseRef-house", [("CC-BY-NC-4.0", "non-commercial"), (None, "unknown")]),
    ("Licensed under MIT terms", [(None, "unknown"), ("MIT", "permissive")]),
    ("no idea at all", [(None, "unknown")]),
    ("MIT " * 2_000, [("MIT", "permissive"), (None, "unknown")]),
]  # fmt: skip


@pytest.mark.parametrize(("written", "found"), SEVERAL, ids=range(len(SEVERAL)))
def test_several_declarations_in_one_field(written, found):
    assert [(d.spdx, d.licence_class) for d in declarations(written)] == found


def test_no_licence_that_withholds_is_called_fine():
    for spdx in spdx_ids():
        fine = not is_stricter(classify(spdx).licence_class, "share-alike")
        assert not (fine and re.search(r"-NC|-ND|Noncommercial|^SSPL|^BUSL|^Elastic", spdx)), spdx


@settings(max_examples=200)
@given(st.text(max_size=60))
def test_any_declaration_has_a_class(text):
    assert classify(text).licence_class in CLASSES


def test_unknown_lies_between_what_grants_and_what_withholds():
    assert most_restrictive([]) == "unknown"
    assert [c for c in CLASSES if is_stricter("unknown", c)] == [
        "public-domain",
        "permissive",
        "attribution",
        "share-alike",
    ]
    assert most_restrictive(["permissive", "unknown"]) == "unknown"
    assert most_restrictive(["unknown", "non-commercial"]) == "non-commercial"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("见http://creativecommons.org/licenses/by-nc-nd/4.0/deed.zh，请", "http://creativecommons.org/licenses/by-nc-nd/4.0/deed.zh"),
        ("https://creativecommons.org/licenses/by/3.0/cn/deed.zh-hans.", "https://creativecommons.org/licenses/by/3.0/cn/deed.zh-hans"),
        ("<a href='https://creativecommons.org/licenses/by/2.0/legalcode'>", "https://creativecommons.org/licenses/by/2.0/legalcode"),
        ("www.creativecommons.org/licenses/by-sa/3.0/us/ here", "www.creativecommons.org/licenses/by-sa/3.0/us/"),
        ("HTTPS://CreativeCommons.org/Licenses/BY-NC/4.0", "HTTPS://CreativeCommons.org/Licenses/BY-NC/4.0"),
        ("creativecommons.net.cn/licenses/by/4.0/", "creativecommons.net.cn/licenses/by/4.0/"),
        ("https://creativecommons.org/licenses/publicdomain/", None),
    ],
    ids=range(7),
)  # fmt: skip
def test_addresses_as_they_stand_in_text(text, address):
    match = CC_URL.search(text)
    assert (match[0] if match else None) == address


@pytest.mark.parametrize("expression", [ZH, CC_URL, _TAG], ids=["statements", "addresses", "tags"])
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(data=st.data())
def test_no_match_of_an_expression_goes_without_a_trigger(expression, data):
    pattern = re.sub(r"\(\?!(?:[^()\[\]]|\[[^\]]*\])*\)", "", expression.pattern)
    text = data.draw(st.from_regex(re.compile(pattern, expression.flags), fullmatch=True))
    if expression.search(text) and "\n" not in text:
        assert len(scan(pa.array(["前", text, "后"], pa.large_string()), TRIGGERS).row) == 1


@pytest.mark.parametrize("declared", ["<", "<>", "<permissive", "＜", "(", "&"])
def test_signs_alone_are_unknown_terms_and_never_an_error(declared):
    assert classify(declared) == (None, "unknown", ())


def test_every_id_of_our_own_has_a_row_of_permitted_uses():
    silent = {"LicenseRef-unknown", "LicenseRef-repost-of-unknown-origin"}
    ids = {*OWN, *(alias for alias in ALIASES.values() if not alias.startswith("<"))} - silent
    for ident in sorted(ids):
        assert any(resolve(ident).answers[axis].value != "unknown" for axis in AXES), ident
