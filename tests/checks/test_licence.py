"""What Licence reads in hand-written records, Chinese notices included, and what a record's evidence comes to."""

import json
import pickle
from concurrent.futures import ThreadPoolExecutor

import pytest

from checks.base import encode_tally
from checks.licence import Licence
from checks.licence.classes import CLASSES, spdx_ids
from checks.licence.evidence import KINDS
from schemas.finding import FINDING
from tests.kit.records import records, texts

CC = "https://creativecommons.org/licenses/"
EN = "The keeper wrote down what came in with every delivery.\n" * 12
ZH = "正文讲的是山川与河流。" * 60  # 660 code points without a word on rights

GOLDEN = [
    # text, rule, detail, score_ppm, the piece it stands on
    ("# SPDX-License-Identifier: MIT\nimport os", "spdx-tag", "MIT", 1_000_000, "SPDX-License-Identifier: MIT"),
    ("/* SPDX-License-Identifier: (GPL-2.0 OR MIT) */", "spdx-tag", "GPL-2.0-only OR MIT", 1_000_000, "SPDX-License-Identifier: (GPL-2.0 OR MIT)"),
    ("// spdx-license-identifier: MulanPSL-2.0", "spdx-tag", "MulanPSL-2.0", 1_000_000, "spdx-license-identifier: MulanPSL-2.0"),
    ("<!-- SPDX-License-Identifier: GPL-2.0-or-later WITH Classpath-exception-2.0 -->", "spdx-tag", "GPL-2.0-or-later WITH Classpath-exception-2.0", 1_000_000, "SPDX-License-Identifier: GPL-2.0-or-later WITH Classpath-exception-2.0"),
    ("写上 SPDX-License-Identifier: MIT 即可。", "spdx-tag", "MIT", 300_000, "SPDX-License-Identifier: MIT"),
    ("SPDX-License-Identifier: LicenseRef-our-terms", "spdx-tag", "unknown", 1_000_000, "SPDX-License-Identifier: LicenseRef-our-terms"),
    ("本文采用" + CC + "by-nc/4.0/deed.zh许可。", "cc-url", "CC-BY-NC-4.0", 900_000, CC + "by-nc/4.0/deed.zh"),
    ("See http://creativecommons.org/licenses/by-sa/3.0/cn/ for more", "cc-url", "CC-BY-SA-3.0", 900_000, "http://creativecommons.org/licenses/by-sa/3.0/cn/"),
    ("(CC0: creativecommons.org/publicdomain/zero/1.0/)", "cc-url", "CC0-1.0", 900_000, "creativecommons.org/publicdomain/zero/1.0/"),
    ("见 " + CC + "by-nc-nd/ 的说明", "cc-url", "LicenseRef-CC-BY-NC-ND", 900_000, CC + "by-nc-nd/"),
    (ZH + CC + "by-nd/4.0/" + ZH, "cc-url", "CC-BY-ND-4.0", 300_000, CC + "by-nd/4.0/"),
    (ZH + "版权所有 © 某某出版社", "zh-statement", "all-rights-reserved", 800_000, "版权所有"),
    (ZH + "版權所有，翻版必究", "zh-statement", "all-rights-reserved", 800_000, "版權所有"),
    ("本文版权归某某网络科技有限公司所有。" + ZH, "zh-statement", "all-rights-reserved", 800_000, "版权归某某网络科技有限公司所有"),
    (ZH + "未经本网书面授权，任何单位不得转载。", "zh-statement", "no-repost", 800_000, "未经本网书面授权，任何单位不得转载"),
    (ZH + "谢绝任何形式的转载", "zh-statement", "no-repost", 800_000, "谢绝任何形式的转载"),
    (ZH + "转载请注明出处", "zh-statement", "repost-with-attribution", 800_000, "转载请注明"),
    (ZH + "禁止使用爬虫抓取本站内容", "zh-statement", "no-crawl", 800_000, "禁止使用爬虫抓取"),
    (ZH + "本站内容不得用于训练人工智能模型", "zh-statement", "no-training", 800_000, "不得用于训练人工智能模型"),
    (ZH + "未经许可，不得将本数据用于大模型的训练", "zh-statement", "no-training", 800_000, "未经许可，不得将本数据用于大模型的训练"),
    (ZH + "本数据集仅供学习研究，不得作他用", "zh-statement", "study-only", 800_000, "仅供学习研究"),
    (ZH + "请勿用于商业用途", "zh-statement", "non-commercial", 800_000, "请勿用于商业"),
    (ZH + "如有侵权，请联系我们删除", "zh-statement", "repost-of-unknown-origin", 800_000, "侵权，请联系我们删除"),
    # amid the text: a mention, quoted or a law's own words …
    (ZH + "\n未经许可，不得转载。\n" + ZH, "zh-statement", "no-repost", 300_000, "未经许可，不得转载"),
    (ZH + "\n第五十三条 未经著作权人许可，复制、发行其作品的，依法处罚。\n" + ZH, "zh-statement", "no-repost", 300_000, "未经著作权人许可，复制"),
    # … unless it names the work that it stands in, or a heading says what it is about.
    (ZH + "\n本数据集仅供学习研究。\n" + ZH, "zh-statement", "study-only", 800_000, "仅供学习研究"),
    (ZH + "\n## 使用限制\n\n禁止商业用途\n\n## 引用\n" + ZH, "zh-statement", "non-commercial", 800_000, "禁止商业用途"),
    (ZH + "仅限学术研究", "zh-statement", "academic-only", 800_000, "仅限学术"),
    (ZH + "严禁将本站内容作为训练语料", "zh-statement", "no-training", 800_000, "严禁将本站内容作为训练语料"),
    (ZH + "不得用于大模型预训练或微调", "zh-statement", "no-training", 800_000, "不得用于大模型预训练"),
    (ZH + "许可证：MIT", "licence-key", "MIT", 950_000, "许可证：MIT"),
    (EN + "For research purposes only.", "en-statement", "study-only", 800_000, "For research purposes only"),
    (EN + "You may not use this material for\ncommercial purposes.", "en-statement", "non-commercial", 800_000, "may not use this material for\ncommercial purposes"),
    (EN + "Content may not be used to train large language models.", "en-statement", "no-training", 800_000, "may not be used to train large language models"),
    (EN + "(c) 2021 Example Corp. All rights reserved.", "en-statement", "all-rights-reserved", 800_000, "All rights reserved"),
    (EN + "No part of this book may be reproduced in any form.", "en-statement", "no-repost", 800_000, "No part of this book may be reproduc"),
    (EN + "\nThis dataset is licensed under CC BY-NC-SA 4.0.", "licence-notice", "CC-BY-NC-SA-4.0", 850_000, "licensed under CC BY-NC-SA 4.0"),
    (EN + "\nReleased under the GNU GPLv2+", "licence-notice", "GPL-2.0-or-later", 850_000, "Released under the GNU GPLv2+"),
    ("---\nlanguage: zh\nlicense: cc-by-nc-4.0\n---\n" + ZH, "licence-key", "CC-BY-NC-4.0", 950_000, "license: cc-by-nc-4.0"),
    ("---\nlicense:\n- odbl\n---\n" + ZH, "licence-key", "ODbL-1.0", 950_000, "license:"),
    ('{"name": "x", "license": "MIT"}\n' + EN, "licence-key", "MIT", 950_000, '"license": "MIT"'),
    (EN + EN + "\nlicense: mit\n" + EN, "licence-key", "MIT", 300_000, "license: mit"),
    ("<p>\n" + EN + '<link rel="license" href="https://opendatacommons.org/licenses/by/1-0/x">\n' + EN, "page-markup", "ODC-By-1.0", 1_000_000, '<link rel="license" href="https://opendatacommons.org/licenses/by/1-0/x'),
]  # fmt: skip
MIT = """Copyright (c) 2021 Example

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
"""
NOTHING = [
    ZH,
    ZH + "未经许可，不得转载。" + ZH,  # amid a long line
    "第十条 未经批准，任何单位和个人不得占用农用地。",  # no verb of exploitation
    "版权所有者享有下列权利。版权所有人可以许可他人。",
    "公务员不得从事商业活动，运动员不得疲劳训练。",
    "仅限研究生报名，药品仅供参考。",
    "The MIT licence is short.",
    EN + "The licence of the dog was for commercial and non-commercial use." + EN,
    "Researchers only study what is not commercial. No training was needed.",
    "creativecommons.org/about",
]


@pytest.mark.parametrize(("text", "rule", "detail", "score", "piece"), GOLDEN, ids=range(len(GOLDEN)))
def test_golden_text(text, rule, detail, score, piece):
    seen = Licence().look(texts("前一行", text))
    (found,) = seen.findings.to_pylist()
    assert (found["rule"], found["detail"], found["score_ppm"], found["row"]) == ("licence." + rule, detail, score, 1)
    assert text[found["start"] : found["end"]] == piece
    assert text.encode()[found["start_byte"] : found["end_byte"]].decode() == piece
    assert seen.columns["evidence_count"].to_pylist() == [0, 1]
    assert seen.findings.schema == FINDING


@pytest.mark.parametrize("text", NOTHING, ids=range(len(NOTHING)))
def test_text_without_evidence(text):
    seen = Licence().look(texts(text))
    assert seen.findings.num_rows == 0
    assert seen.columns.to_pylist() == [{"licence": None, "licence_class": "unknown", "evidence_count": 0}]


VERDICTS = [
    # registry, declared, text, licence, class, conflicting
    (None, None, ZH, None, "unknown", False),
    ("CC-BY-4.0", None, ZH, "CC-BY-4.0", "attribution", False),
    ("CC-BY-4.0", "cc-by-nc-4.0", ZH, "CC-BY-4.0 AND CC-BY-NC-4.0", "non-commercial", True),
    ("CC-BY-NC-4.0", "MIT", ZH, "CC-BY-NC-4.0 AND MIT", "non-commercial", True),  # laundering: the stricter wins
    ("MIT", "MIT License", ZH, "MIT", "permissive", False),
    ("MIT", "see the website", ZH, "LicenseRef-unknown AND MIT", "unknown", False),  # unknown is never fine …
    ("CC-BY-NC-4.0", "see the website", ZH, "CC-BY-NC-4.0 AND LicenseRef-unknown", "non-commercial", False),  # … and hides no prohibition
    ("LicenseRef-contract-7", None, ZH, "LicenseRef-contract-7", "unknown", False),  # its name stays, for a table of one's own
    (None, "LicenseRef-contract-7", ZH, "LicenseRef-unknown", "unknown", False),
    ("MIT", "", ZH, "MIT", "permissive", False),  # an empty field declares nothing
    (None, "知识共享 署名-非商业性使用 4.0 国际", ZH, "CC-BY-NC-4.0", "non-commercial", False),
    ("MIT OR CC-BY-NC-4.0", None, ZH, "MIT OR CC-BY-NC-4.0", "permissive", False),
    ("CC-BY-4.0", None, ZH + CC + "by-nc/4.0/", "CC-BY-4.0 AND CC-BY-NC-4.0", "non-commercial", True),
    ("CC-BY-4.0", None, ZH + CC + "by-nc/4.0/" + ZH, "CC-BY-4.0 AND LicenseRef-unknown", "unknown", False),  # a mention: not enough to go by
    ("CC-BY-4.0", "CC-BY-4.0", ZH + CC + "by-nc/4.0/" + ZH, "CC-BY-4.0", "attribution", False),  # the record speaks
    ("CC-BY-NC-4.0", None, ZH + CC + "by/4.0/" + ZH, "CC-BY-NC-4.0", "non-commercial", False),
    (None, None, ZH + CC + "by/4.0/" + ZH, None, "unknown", False),
    ("CC-BY-4.0", None, ZH + "版权所有", "CC-BY-4.0 AND LicenseRef-all-rights-reserved", "restricted", True),
    (None, None, "# SPDX-License-Identifier: MIT\n# 版权所有 某公司\n", "MIT", "permissive", False),  # who grants
    (None, "MIT", ZH + "未经许可，不得转载。", "LicenseRef-no-repost AND MIT", "restricted", True),
    ("CC-BY-4.0", None, ZH + "转载请注明出处", "CC-BY-4.0 AND LicenseRef-repost-with-attribution", "unknown", False),  # no word on training
    ("CC-BY-4.0", None, ZH + "仅供学习交流使用", "CC-BY-4.0 AND LicenseRef-study-only", "non-commercial", True),
    (None, None, CC + "by/2.0/\n" + ZH + CC + "by-nc-nd/4.0/", "CC-BY-2.0 AND CC-BY-NC-ND-4.0", "non-commercial", True),
    # A page that links to several licences: all of them are declared.
    (None, f"{CC}by/4.0/ {CC}by-nc/4.0/", ZH, "CC-BY-4.0 AND CC-BY-NC-4.0", "non-commercial", True),
    (None, f"{CC}by/4.0/ {CC}by/4.0/deed.zh", ZH, "CC-BY-4.0", "attribution", False),
    ("CC-BY-4.0", f"{CC}by/4.0/ /terms.html", ZH, "CC-BY-4.0 AND LicenseRef-unknown", "unknown", False),
    ("MIT OR GPL-2.0-only", "Apache-2.0", ZH, "(MIT OR GPL-2.0-only) AND Apache-2.0", "permissive", False),
    ("CC0-1.0", "MIT", EN + "This dataset is for research use only.", "CC0-1.0 AND LicenseRef-study-only AND MIT", "non-commercial", True),
    ("CC0-1.0", None, ZH + "\n第五十三条 未经著作权人许可，复制、发行其作品的，依法处罚。\n" + ZH, "CC0-1.0", "public-domain", False),  # a law's words
    ("MIT", None, MIT, "MIT", "permissive", False),
    ("CC-BY-4.0", None, MIT + "\nThe Software may not be used for commercial purposes.", "CC-BY-4.0 AND LicenseRef-non-commercial AND MIT", "non-commercial", True),
    (None, "MIT CC-BY-ND-4.0", ZH, "CC-BY-ND-4.0 AND MIT", "no-derivatives", True),
]  # fmt: skip


@pytest.mark.parametrize(
    ("registry", "declared", "text", "licence", "licence_class", "conflicting"), VERDICTS, ids=range(len(VERDICTS))
)
def test_most_restrictive_evidence_wins(registry, declared, text, licence, licence_class, conflicting):
    batch = records([{"text": text, "declared_licence": declared}])
    if registry is not None:
        batch = batch.replace_schema_metadata({"source.licence": registry})
    seen = Licence().look(batch)
    (columns,) = seen.columns.to_pylist()
    assert (columns["licence"], columns["licence_class"]) == (licence, licence_class)
    assert seen.total["conflicting"] == conflicting
    assert seen.total["by_class"] == {c: int(c == licence_class) for c in CLASSES}


def test_tally_and_measures():
    check = Licence()
    batch = records(
        [
            {"text": "# SPDX-License-Identifier: MIT\n# SPDX-License-Identifier: MIT\n", "declared_licence": "MIT"},
            {"text": ZH, "declared_licence": "cc-by-nc-4.0"},
            {"text": ZH, "declared_licence": "cc-by-nc-4.0"},
            {"text": ZH + "版权所有", "declared_licence": "llama2"},
            {"text": ZH + CC + "by/4.0/" + ZH},
            {"text": ""},
        ]
    )
    seen = check.look(batch)
    assert seen.total == {
        "records": 6, "conflicting": 0, "without_evidence": 1,
        "by_class": {"public-domain": 0, "permissive": 1, "attribution": 0, "share-alike": 0, "unknown": 2,
                     "no-derivatives": 0, "non-commercial": 2, "restricted": 1},
        "by_kind": {"registry": 0, "generator": 0, "declared": 4, "metadata": 0, **dict.fromkeys(KINDS, 0), "spdx-tag": 1, "zh-statement": 1, "mention": 1},
        "by_id": {"MIT": 1, "CC-BY-NC-4.0": 2, "CC-BY-4.0": 1, "other": 1},
    }  # fmt: skip
    assert seen.columns["evidence_count"].to_pylist() == [3, 1, 1, 2, 1, 0]
    measures = check.report(seen.total)
    assert measures == {
        "public_domain_records": 0, "permissive_records": 1, "attribution_records": 0, "share_alike_records": 0,
        "unknown_records": 2, "no_derivatives_records": 0, "non_commercial_records": 2, "restricted_records": 1,
        "conflicting_records": 0, "records_without_evidence": 1, "mentioning_records": 1,
        "unknown_records_ppm": 333_333, "non_commercial_records_ppm": 333_333, "restricted_records_ppm": 166_666,
        "conflicting_records_ppm": 0,
    }  # fmt: skip
    assert tuple(measures) == tuple(m.name for m in check.measures)
    assert check.report(check.zero())["unknown_records_ppm"] is None


def test_the_largest_tally_fits_what_is_declared():
    check = Licence()
    full = check.zero() | {"by_id": dict.fromkeys([*spdx_ids(), "other"], 0)}
    bytes_with_most = len(encode_tally(json.loads(encode_tally(full), parse_int=lambda _: 10**12)))
    assert bytes_with_most <= check.tally_bytes


def test_rows_threads_and_pickles():
    check = pickle.loads(pickle.dumps(Licence()))
    batch = records([{"text": text} for text, *_ in GOLDEN], first_row=5).replace_schema_metadata(
        {"source.licence": "MIT"}
    )
    expected = check.look(batch)
    assert expected.findings["row"].to_pylist() == list(range(5, 5 + len(GOLDEN)))
    assert check.look(batch.slice(3)).findings.to_pylist() == expected.findings.to_pylist()[3:]
    with ThreadPoolExecutor(8) as pool:
        for seen in pool.map(lambda _: Licence().look(batch), range(16)):
            assert (seen.total, seen.findings, seen.columns) == (expected.total, expected.findings, expected.columns)


@pytest.mark.parametrize(
    "line",
    [CC + "by/4.0/ ", "SPDX-License-Identifier: MIT ", "未经许可，", "未经" * 8, "转载请注明", "# "],
    ids=range(6),
)
def test_hostile_lines_are_read_once(line):
    (columns,) = Licence().look(texts(line * (200_000 // len(line)))).columns.to_pylist()
    assert columns["licence_class"] in CLASSES
