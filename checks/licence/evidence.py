"""Licence evidence in a record's text: SPDX tags, Creative Commons addresses, Chinese restriction statements, with places."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

import pyarrow as pa

from checks.licence.classes import CC_URL, classify, of_cc_url
from checks.triggers import PatternSet, Places, hit_lines, scan

SPDX_TAG: Final = "spdx-tag"
CC_ADDRESS: Final = "cc-url"
STATEMENT: Final = "zh-statement"
OWNERSHIP: Final = "all-rights-reserved"

STATEMENT_CLASSES: Final = {
    OWNERSHIP: "restricted",  # 版权所有: counts only where the record grants nothing itself, see `verdict`
    "no-repost": "restricted",  # 未经许可不得转载
    "no-crawl": "restricted",  # 禁止爬取
    "no-training": "restricted",  # 不得用于训练
    "non-commercial": "non-commercial",  # 不得用于商业用途
    "study-only": "non-commercial",  # 仅供学习研究
    "repost-with-attribution": "unknown",  # 转载请注明出处: a condition on reposting, no word on training
    "repost-of-unknown-origin": "unknown",  # 如有侵权请联系删除: the site itself does not know whose text it is
}
"""Class of a statement -> licence class it stands for. A lawyer may differ: these are facts and an order, no advice."""

_NO: Final = "(?:请勿|請勿|禁止|严禁|嚴禁|谢绝|謝絕|不得|不可|不允许|不准)"
_WITHOUT: Final = "(?:未经|未經|未获|未獲|未得)"
_CONSENT: Final = "(?:许可|許可|授权|授權|同意|允许|允許)"
_REPOST: Final = "(?:转载|轉載|转发|复制|複製|摘编|摘編|链接|镜像|鏡像|翻印|盗用|抄袭|商用|用于商业|使用本[站网文])"
_CRAWL: Final = "(?:抓取|爬取|爬虫|爬蟲)"
_IN: Final = r"[^。；;！!\n]"  # within one sentence
_MODEL: Final = "(?:人工智能|AI|机器学习|模型)"
_TRAIN: Final = (
    rf"(?:(?:用于|用於|用作){_IN}{{0,10}}(?:训练|訓練)|(?:训练|訓練){_IN}{{0,4}}{_MODEL}|{_MODEL}的?(?:训练|訓練))"
)
_BUSINESS: Final = "(?:商业|商業|盈利|营利)"

# Tried in this order at each place; a statement's class is that of the first that matches there. Each needs a verb of
# exploitation, or names the owner: 未经…不得 alone fires on one Chinese statute in six.
_STATEMENTS: Final = (
    ("no-training", rf"{_NO}{_IN}{{0,16}}{_TRAIN}|{_WITHOUT}{_IN}{{0,20}}{_CONSENT}{_IN}{{0,20}}{_TRAIN}"),
    ("no-crawl", rf"{_NO}{_IN}{{0,8}}{_CRAWL}|{_WITHOUT}{_IN}{{0,20}}{_CONSENT}{_IN}{{0,12}}{_CRAWL}"),
    (
        "non-commercial",
        rf"{_NO}{_IN}{{0,8}}(?:用于|用於|用作|作为|作)(?:任何)?{_BUSINESS}|{_NO}(?:任何形式的?)?商用|非商业(?:性)?(?:用途|使用|目的)"
        rf"|{_WITHOUT}{_IN}{{0,20}}{_CONSENT}{_IN}{{0,12}}(?:用于|用於|用作|作为)(?:任何)?{_BUSINESS}",
    ),
    (
        "study-only",
        rf"(?:仅供|僅供|只供|仅限|仅用于){_IN}{{0,8}}(?:学习|學習|研究(?![生院所])|交流|科研|教学(?!楼)|非商业)",
    ),
    (
        "no-repost",
        rf"{_WITHOUT}{_IN}{{0,20}}{_CONSENT}(?!的情况){_IN}{{0,12}}{_REPOST}|{_NO}(?:任何形式的?)?{_IN}{{0,6}}(?:转载|轉載|镜像|翻印)",
    ),
    ("repost-with-attribution", rf"(?:转载|轉載){_IN}{{0,10}}(?:注明|標明|标明|保留|註明)"),
    (
        "repost-of-unknown-origin",
        rf"侵[权權犯]{_IN}{{0,16}}(?:联系|聯繫|告知){_IN}{{0,12}}(?:删除|刪除|处理)|侵删",
    ),
    (OWNERSHIP, r"版[权權]所有(?![者人])|侵[权權]必究|保留(?:所有|一切)权利|(?:版权|著作权)归[^。\n]{1,30}所有"),
)
_STATEMENT: Final = re.compile("|".join(f"(?P<s{i}>{e})" for i, (_, e) in enumerate(_STATEMENTS)))
_TAG: Final = re.compile(
    r"SPDX-License-Identifier:[ \t]*(?P<expression>[A-Za-z0-9.+()_:-]+(?:[ \t]+(?:AND|OR|WITH)[ \t]+[A-Za-z0-9.+()_:-]+)*)",
    re.IGNORECASE,
)
_ONLY_MARKS: Final = re.compile(r"[\s#/*;:%!<>\"'`.,(\[{\\=|+@~$-]*(?:(?:dnl|rem|c)\s+)?", re.IGNORECASE)
"""What may stand before a tag that speaks for its file: comment marks."""


TRIGGERS: Final = PatternSet(
    (
        ("spdx", r"(?i)spdx-license-identifier:"),
        ("cc", r"(?i)creativecommons\.(?:org|net\.cn)/(?:licenses|publicdomain)/"),
        ("zh.owned", "版(?:权|權)所有|侵(?:权|權)必究|保留(?:所有|一切)权利|(?:版权|著作权)归"),
        ("zh.without", r"(?:未经|未經|未获|未獲|未得)[^\n]*(?:许可|許可|授权|授權|同意|允许|允許|批准)"),
        ("zh.forbidden", r"(?:请勿|請勿|禁止|严禁|嚴禁|谢绝|謝絕|不得|不可|不允许|不准)[^\n]*"
            "(?:转载|轉載|镜像|翻印|抓取|爬取|爬虫|爬蟲|训练|訓練|商业|商業|商用|盈利|营利)"),
        ("zh.only", "仅供|僅供|只供|仅限|仅用于|非商业"),
        ("zh.repost", r"(?:转载|轉載)[^\n]*(?:注明|標明|标明|保留|註明)"),
        ("zh.origin", r"侵删|侵(?:权|權|犯)[^\n]*(?:联系|聯繫|告知)"),
    )
)  # fmt: skip
_TAGS, _CC, _ZH = TRIGGERS.mask("spdx"), TRIGGERS.mask("cc"), TRIGGERS.mask("zh.")

_FIRST_PART, _LAST_PART = 20, (3, 20)  # first 5 %, last 15 %
_AT_LEAST: Final = 100  # code points, so that a short notice is all edge


class Evidence(NamedTuple):
    """One piece of evidence in a row's text."""

    row: int  # index into the array
    start: int  # code points, half open
    end: int
    start_byte: int
    end_byte: int
    kind: str  # spdx-tag, cc-url, zh-statement
    detail: str  # an SPDX id or expression, the licence class where there is none, or the statement's class
    licence_class: str
    spdx: str | None
    ids: tuple[str, ...]
    declares: bool  # speaks for the record; False: a mention of somebody's licence


def find(array: pa.Array, with_engine: str | None = None) -> Iterator[Evidence]:
    """The evidence in each row of *array* (string or large string), by row and start.

    A tag declares where nothing but comment marks stands before it on its line. An address declares in the first 5 %
    or last 15 % of the text (or 100 code points): between them it is usually an embedded work's. A Chinese statement
    is looked for there only, and lies in one part whole: amid the text it is a law's or a lesson's own words.
    """
    places = Places(array)
    length, row = 0, -1
    for line in hit_lines(array, scan(array, TRIGGERS, with_engine)):
        if line.row != row:
            row, length = line.row, places.length(line.row)
        text = line.value.decode()
        first, at, byte = places.at(row, line.start_byte), 0, line.start_byte
        edge = _Edge.of(length, first)
        for start, end, kind, detail, licence_class, spdx, ids, alone in sorted(_in_line(text, line.patterns, edge)):
            byte += len(text[at:start].encode())
            at = start
            declares = start < edge.head or end > edge.tail if kind == CC_ADDRESS else alone
            yield Evidence(
                row, first + start, first + end, byte, byte + len(text[start:end].encode()),
                kind, detail, licence_class, spdx, ids, declares,
            )  # fmt: skip


class _Edge(NamedTuple):
    """Where a row's first part ends and its last begins, in code points of one of its lines; may lie outside it."""

    head: int
    tail: int

    @classmethod
    def of(cls, length: int, line_start: int) -> "_Edge":
        head = max(length // _FIRST_PART, _AT_LEAST)
        tail = length - max(length * _LAST_PART[0] // _LAST_PART[1], _AT_LEAST)
        return cls(head - line_start, tail - line_start)


_Found = tuple[int, int, str, str, str, str | None, tuple[str, ...], bool]


def _in_line(text: str, patterns: int, edge: _Edge) -> Iterator[_Found]:
    """(start, end, kind, detail, class, spdx, ids, declares but for its position) of everything in one line."""
    if patterns & _TAGS:
        for m in _TAG.finditer(text):
            expression = m["expression"]
            said = classify(expression if "(" in expression else expression.rstrip(").:-"))
            detail = said.spdx or said.licence_class
            alone = _ONLY_MARKS.fullmatch(text, 0, m.start()) is not None
            yield m.start(), m.end(), SPDX_TAG, detail, said.licence_class, said.spdx, said.ids, alone
    if patterns & _CC:
        for m in CC_URL.finditer(text):
            said = of_cc_url(m)
            detail = said.spdx or said.licence_class
            yield m.start(), m.end(), CC_ADDRESS, detail, said.licence_class, said.spdx, said.ids, True
    if patterns & _ZH:
        # Only where a statement counts: the expressions are slow on hostile text, and a page's middle is most of it.
        first_part = max(0, edge.head)
        parts = ((0, first_part), (max(first_part, edge.tail), len(text)))
        for m in (m for start, end in parts if start < end for m in _STATEMENT.finditer(text, start, end)):
            name = _STATEMENTS[int((m.lastgroup or "s0")[1:])][0]
            yield m.start(), m.end(), STATEMENT, name, STATEMENT_CLASSES[name], None, (), True
