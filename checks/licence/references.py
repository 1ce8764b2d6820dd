"""References to licences in text: SPDX tags, addresses, metadata keys, page markup, and notices that name a licence."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from checks.licence.classes import CC_URL, UNKNOWN, Declared, classify, declarations, of_alias, of_cc_url, of_name
from checks.licence.names import LICENCE_URLS, NAME
from checks.licence.statements import BREAK

SPDX_TAG: Final = "spdx-tag"
CC_ADDRESS: Final = "cc-url"
ADDRESS: Final = "licence-url"
KEY: Final = "licence-key"
NOTICE: Final = "licence-notice"
MARKUP: Final = "page-markup"


class Reference(NamedTuple):
    """One reference in a line or passage, in code points of it.

    *speaks*: True, it declares wherever it stands; False, it is a mention wherever; None, its place decides.
    """

    start: int
    end: int
    kind: str
    said: Declared
    speaks: bool | None


_TAG: Final = re.compile(
    r"SPDX-License-Identifier:[ \t]*(?P<expression>[A-Za-z0-9.+()_:-]+(?:[ \t]+(?:AND|OR|WITH)[ \t]+[A-Za-z0-9.+()_:-]+)*)",
    re.IGNORECASE,
)
_ONLY_MARKS: Final = re.compile(r"[\s#/*;:%!<>\"'`.,(\[{\\=|+@~$-]*(?:(?:dnl|rem|c)\s+)?", re.IGNORECASE)
"""What may stand before a tag that speaks for its file: comment marks."""
_URL: Final = re.compile("|".join(f"(?P<u{i}>{p.pattern})" for i, (p, _) in enumerate(LICENCE_URLS)), re.IGNORECASE)
_KEY: Final = re.compile(
    r"(?:^[\s#/*;%>@-]*|[{,][ \t]*)[\"']?(?:[a-z]+[ _-]){0,2}licen[cs]es?(?:[_-](?:name|id|expression))?[\"']?[ \t]*[:=]+[ \t]*(?P<value>\[[^\]\n]{1,200}\]|\"[^\"\n]{1,200}\"|'[^'\n]{1,200}'|[^\s\"'\[{#,;][^\n#,;}]{0,120})"
    r"|(?:^|[\s（(。；;，,])(?:开源|使用|数据)?(?:许可证?|许可协议|授权协议|授权许可|授权方式)[ \t]*[:：][ \t]*(?P<zh>[^\n。；]{1,60})",
    re.IGNORECASE,
)
_BEFORE_KEY: Final = " \t\n\r#/*;%>@{,（(。；，-"
_LIST_KEY: Final = re.compile(r"[ \t]*licen[cs]es?:[ \t]*\Z", re.IGNORECASE)
_ITEM: Final = re.compile(r"\n[ \t]*-[ \t]+[\"']?(?P<value>[^\n\"'#]{1,100})")
_CODE: Final = re.compile(r"[()]|=>|==|\bself\b|\bNone\b|\bnull\b|\$")
_CUE: Final = re.compile(
    r"\b(?:dual[- ])?(?:licen[cs]ed\s+(?:\w+\s+){0,2}?(?:under|by|with)|(?:released|distributed|available|published|provided|shared|covered|governed)\s+(?:\w+\s+)?(?:under|by))\b"
    r"|\b(?:is|are)\s+under\b|\bunder\s+(?:the\s+)?(?:terms\s+(?:and\s+conditions\s+)?of\b|(?:a|an)\s+(?=\S+(?:\s+\S+){0,5}\s+licen[cs]e))"
    r"|\blicen[cs]e\s+is\b|(?:采用|採用|遵循|基于|按照|依据|使用|以|依照|根据|遵守|适用)(?=[^。；\n]{0,60}(?:许可|許可|协议|協議|授权|条款|进行))"
    r"|(?:许可证|许可协议|协议|授权)[ \t]*(?:为|是|：|:)",
)
_CUE_WORDS: Final = (re.compile(rb"licen[cs]e(?:d|\s+is)"), re.compile(rb"under(?<=\sunder)\s"))
_CUE_WORDS_ZH: Final = tuple(word.encode() for word in ("许可", "許可", "协议", "協議", "授权"))
_CUT: Final = re.compile(
    r"((?:https?://)?(?:[a-z]{1,3}\.)?creativecommons\.(?:org|net\.cn)/(?:licenses|publicdomain)/(?:(?:by|nc|nd|sa)(?:-(?:by|nc|nd|sa))*-)?)[ \t]*\Z",
    re.IGNORECASE,
)
_BREAK: Final = re.compile(rf"\A{BREAK}", re.IGNORECASE)
_STEMS: Final = re.compile(r"licen|gpl|cc[ -]+by|public domain|许可|許可|协议|協議|授权")
_BEFORE: Final = 120  # code points around such a word in which a cue lies
_REACH: Final = 160  # code points behind a cue in which a licence may be named
_SENTENCE: Final = re.compile(r"[。；;!?]|\.(?=\s+[A-Z(])|\n\n")
_NAMED: Final = re.compile(
    r"(?-i:[A-Z]\w+)(?:\s+\S+){0,4}?\s+(?<!\bof\sthe\s)(?:Public\s+)?Licen[cs]e|[《“][^》”\n]{2,30}(?:许可|协议)"
)
_REL: Final = re.compile(
    r"<(?:a|link)\b(?=[^>]*\brel\s*=\s*[\"']?[^\"'>]*\blicense\b)[^>]*?\bhref\s*=\s*[\"']?(?P<href>[^\s\"'>]{1,300})"
    r"|<meta\b(?=[^>]*\b(?:name|property)\s*=\s*[\"']?dc(?:terms)?[.:](?:license|rights)\b)[^>]*?\bcontent\s*=\s*[\"'](?P<content>[^\"'>]{1,300})"
    r"|\"license\"\s*:\s*\"(?P<json>[^\"\n]{1,300})\"",
    re.IGNORECASE,
)

TRIGGERS: Final = (
    ("spdx", r"(?i)spdx-license-identifier:"),
    ("cc", r"(?i)creativecommons\.(?:org|net\.cn)/(?:licenses|publicdomain)/"),
    ("url", r"(?i)(?:apache\.org|opensource\.org|opendatacommons\.org)/licenses?/|license\.coscl\.org\.cn/|cdla\.(?:dev|io)/|mozilla\.org/mpl|gemma/terms|openai\.com/[a-z/-]*terms"),
    ("key", r"(?i)licen[cs]es?(?:[_-](?:name|id|expression))?[\"']?[ \t]*[:=]|许可[ \t]*(?::|：)|许可证[ \t]*(?::|：)|(?:协议|授权许可|授权方式)[ \t]*(?::|：)"),
    ("notice", r"(?i)licen[cs]|released under|distributed under|available under|published under|provided under|shared under|under the terms|cc[ -]by|by-n[cd]\b|by-sa\b|\b[al]?gpl"
        r"|知识共享|知識共享|木兰(?:宽松|公共|开放)|许可协议|許可協議|(?:MIT|BSD|Apache|Apache[ \t]*2\.0|GPL|GPLv[23]|开源)[ \t]*(?:开源)?(?:软件)?(?:许可|协议|協議|授权)"),
    ("markup", r"(?i)rel[ \t]*=[ \t]*[\"']?[a-z ]*license|dc(?:terms)?[.:](?:license|rights)|\"license\"[ \t]*:"),
)  # fmt: skip


def tags(text: str) -> Iterator[Reference]:
    """SPDX-License-Identifier; it speaks for the file where nothing but comment marks stands before it."""
    for m in _TAG.finditer(text):
        expression = m["expression"]
        said = classify(expression if "(" in expression else expression.rstrip(").:-"))
        yield Reference(m.start(), m.end(), SPDX_TAG, said, _ONLY_MARKS.fullmatch(text, 0, m.start()) is not None)


def cc_addresses(text: str, following: str = "") -> Iterator[Reference]:
    """Addresses of Creative Commons licences. *following*: the lines behind, for one that is broken behind a hyphen or a slash."""
    cut = _CUT.search(text)
    for m in CC_URL.finditer(text, 0, cut.start() if cut else len(text)):
        yield Reference(m.start(), m.end(), CC_ADDRESS, of_cc_url(m), None)
    if cut:
        whole = CC_URL.match(cut[1] + _BREAK.sub("", following, count=1))
        if whole:
            yield Reference(cut.start(), len(text), CC_ADDRESS, of_cc_url(whole), None)


def addresses(text: str) -> Iterator[Reference]:
    """Addresses of other licences."""
    for m in _URL.finditer(text):
        yield Reference(m.start(), m.end(), ADDRESS, of_alias(LICENCE_URLS[int((m.lastgroup or "u0")[1:])][1]), None)


def keys(text: str, following: str, head: bool) -> Iterator[Reference]:
    """``license: x``, ``"license": "x"``, 许可证：x. *following*: the lines behind; *head*: a document's metadata block is here.

    A value that names no known licence is unknown evidence in a metadata block, and nothing elsewhere.
    """
    for m in _KEY.finditer(text):
        value = m["value"] or m["zh"]
        start = m.end() - len(m[0].lstrip(_BEFORE_KEY))
        for said in _values(value):
            if said.licence_class != UNKNOWN or said.ids or (head and m["value"] and not _CODE.search(value)):
                yield Reference(start, m.end(), KEY, said, True if head else None)
    if _LIST_KEY.match(text):
        at = 0
        while (item := _ITEM.match(following, at)) is not None:
            at = item.end()
            yield Reference(0, len(text), KEY, classify(item["value"].strip()), True if head else None)


def _values(written: str) -> list[Declared]:
    bare = written.strip(" \t\"'[]（）()。.")
    parts = [p.strip(" \t\"'") for p in bare.split(",")] if written.startswith("[") else [bare]
    found = [d for part in parts for d in declarations(part)]
    if all(d.licence_class == UNKNOWN for d in found):
        found = [of_name(m) for m in NAME.finditer(bare)] or found
    return found


def metadata_end(opening: bytes, size: int, most: int) -> int:
    """Where the metadata block that a text begins with ends, in bytes: YAML front matter, or a JSON object; 0 for none.

    *opening*: the text's first bytes, of *size* in all; a JSON object of more than *most* is no metadata.
    """
    text = opening.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text[:3] == b"---":
        close = opening.find(b"\n---", len(opening) - len(text) + 3)
        return close if close >= 0 else 0
    return size if text[:1] == b"{" and re.match(rb'\{\s*"', text) and size <= most else 0


def markup(text: str) -> Iterator[Reference]:
    """``rel=license``, Dublin Core and JSON-LD, where the text still is a page's markup."""
    for m in _REL.finditer(text):
        for said in declarations(m["href"] or m["content"] or m["json"]):
            yield Reference(m.start(), m.end(), MARKUP, said, None)


def may_notice(line: bytes) -> bool:
    """Whether a notice can begin or end in *line* (with what stands before it), in lower case."""
    if any(expression.search(line) for expression in _CUE_WORDS):
        return True
    return not line.isascii() and any(word in line for word in _CUE_WORDS_ZH)


def notices(flat: str, lower: str, start: int, end: int) -> Iterator[Reference]:
    """``licensed under the X``, 采用 X 许可协议: every licence named behind a cue, within its sentence.

    *flat*: a passage whose line breaks are spaces, and *lower* the same in lower case; of what lies outside *start* to *end*
    nothing is given.
    """
    done = 0
    for first, last in _near(lower):
        for cue in _CUE.finditer(lower, first, last):
            if cue.end() < done:
                continue
            stop = min(len(flat), cue.end() + _REACH)
            sentence = _SENTENCE.search(flat, cue.end(), stop)
            stop = sentence.start() if sentence else stop
            found = [(m.end(), of_name(m)) for m in NAME.finditer(flat, cue.end(), stop)]
            if not found and (other := _NAMED.search(flat, cue.end(), min(stop, cue.end() + 60))) is not None:
                found = [(other.end(), Declared(None, UNKNOWN))]
            for at, said in found:
                done = max(done, at)
                if cue.start() < end and at > start:
                    yield Reference(cue.start(), at, NOTICE, said, None)


def _near(lower: str) -> Iterator[tuple[int, int]]:
    """The stretches around the words of which every notice holds one."""
    begin = end = 0
    for m in _STEMS.finditer(lower):
        if m.start() > end + _BEFORE:
            if end:
                yield begin, end
            begin = max(end, m.start() - _BEFORE)
        end = m.end() + _BEFORE
    if end:
        yield begin, min(end, len(lower))
