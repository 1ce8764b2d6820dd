"""The kind of content by cues in the text: expressions that lines of one kind hold, and how many of them it takes.

Each rule is a cheap test on the first 3,000 and the last 1,000 bytes, one line at a time; a text that no rule knows stays
`unknown`. The rules are asked in the order of RULES, from forms that little else has to wording that more texts use.
"""

from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from checks.signs.count import utf8_buffers
from checks.triggers import PatternSet, scan
from schemas.content_kinds import KINDS, UNKNOWN

HEAD, TAIL = 3_000, 1_000
_NUMBER: Final = "(?:零|〇|一|二|三|四|五|六|七|八|九|十|百|千|[0-9])"
_COLON: Final = "(?::|：)"


class Rule(NamedTuple):
    """*lines* with any of *patterns* make the kind, and *different* of the patterns; *share*: per cent of the text's lines."""

    kind: str
    patterns: tuple[str, ...]
    lines: int
    different: int = 1
    share: int = 0


RULES: Final = (
    Rule("dialogue", (
        rf"^[ \t]*(?:User|Assistant|Human|AI|Bot|System|Customer|Agent)[ \t]*{_COLON}",
        rf"^[ \t]*(?:用户|助手|客服|顾客|问|答|甲|乙)[ \t]*{_COLON}",
    ), 4, share=20),
    Rule("code", (
        r"^[ \t]*(?:import|from|using|package|require|include|use|namespace)[ \t]+[A-Za-z_.:*{]|^#[ \t]*(?:include|define|ifn?def|endif|pragma)",
        r"^[ \t]*(?:public|private|protected|static|async|export|abstract|virtual|const|let|var|func|fn|def|class|struct|enum|impl|interface|void|int)[ \t]",
        r"^[ \t]*(?:[})\]]|//|/\*|\*/|#!|<\?php)",
        r"^[ \t]*(?:if|for|while|switch|elif|return|try|catch|except|finally)[ \t]*[({:;]|^[ \t]+(?:return|self\.|this\.|elif |else:)",
        r"^[ \t]*[A-Za-z_][A-Za-z0-9_.]{0,40}(?:\[[A-Za-z0-9_]{1,20}\])?[ \t]*(?:=|:=|\+=)[ \t]",
    ), 4, 2, 20),
    Rule("education", (
        r"^[ \t]*(?:A|B|C|D)(?:\.|、|．|\))",
        r"(?:参考答案|【答案】|【解析】|选择题|填空题|判断题|简答题)|^[ \t]*(?:Answer|Question [0-9]+)[ \t]*:",
    ), 4, 2),
    Rule("law", (
        rf"^[ \t*#]*(?:　){{0,4}}第{_NUMBER}{{1,7}}条",
        r"^[ \t*#]*(?:Section|Article|Sec\.|SECTION|ARTICLE|§)[ \t]*[0-9]",
        r"^[ \t]*(?:民事判决书|刑事判决书|行政判决书|民事裁定书)|本院认为",
    ), 3),
    Rule("academic", (
        r"^[ \t]*(?:【|\[)?(?:摘[ \t]*(?:　){0,2}要|关键词|中图分类号|文献标识码|参考文献)",
        r"^[ \t]*(?:Abstract|ABSTRACT|Keywords|Key words|Index Terms)",
        r"^[ \t]*(?:[0-9.]{0,4}[ \t]*)(?:Introduction|Related Work|References|REFERENCES|Acknowledge?ments?|Conclusion)",
        r"[ \t]et al\.|doi:[ \t]*10\.|arXiv:[0-9]",
    ), 2, 2),
    Rule("government", (
        r"〔[0-9]{4}〕[0-9]{1,5}号", r"特此(?:通知|通告|公告|批复)|印发给你们|各省、自治区、直辖市|国务院办公厅关于",
    ), 2),
    Rule("news", (
        r"本报讯|本报记者|(?:新华社|中新网|中新社)[^\n]{0,40}电[ \t]*(?:　|\(|（|记者|题)|记者[^\n]{0,20}报道|新华网|据[^\n]{2,30}报道",
        r"\((?:Reuters|AP|AFP|CNN|Xinhua|UPI)\)[ \t]*(?:-|—|–)|[ \t]told (?:reporters|Reuters|AFP|the BBC)",
    ), 1),
    Rule("forum", (
        r"楼主|顶贴|回帖|只看该作者|发表于[ \t]*[0-9]{4}|[0-9]{1,5}楼[ \t]",
        r"Posted by |[ \t]wrote:|Originally Posted|upvote|Last edited by", r"^[ \t]*(?:回复|Re)[ \t]*(?::|：)",
    ), 2),
    Rule("commerce", (
        r"加入购物车|立即购买|包邮|旗舰店|优惠券|限时抢购|厂家直销|咨询热线",
        r"(?i)add to cart|free shipping|buy now|in stock|money-back guarantee", r"(?:¥|￥|\$)[ \t]?[0-9]",
    ), 2, 2),
    Rule("book", (
        rf"^[ \t]*(?:　){{0,4}}第{_NUMBER}{{1,7}}(?:章|回|卷)", r"^[ \t]*(?:CHAPTER|Chapter)[ \t]+(?:[0-9]|[IVXLC])",
        r"版权信息|ISBN[ \t]*[0-9]|Project Gutenberg",
    ), 1),
    Rule("encyclopaedia", (
        r"^[ \t=#]*(?:参考资料|外部链接|外部連結|词条图册|=+[ \t]*See also|External links|Further reading)",
        r"^Categor(?:y|ies):|^分类(?::|：)",
    ), 1),
)  # fmt: skip
PATTERNS: Final = PatternSet(tuple((f"{rule.kind}.{n}", p) for rule in RULES for n, p in enumerate(rule.patterns)))
_BITS: Final = tuple(np.uint64(PATTERNS.mask(f"{rule.kind}.")) for rule in RULES)

Codes = npt.NDArray[np.int8]


def kinds_by_text(text: pa.Array) -> Codes:
    """int8[n]: the place in KINDS of each row's kind; *text*: String or LargeString, slices and nulls are fine."""
    found = np.full(len(text), KINDS.index(UNKNOWN), np.int8)
    if not len(text):
        return found
    ends = _ends(text)
    lines = np.asarray(pc.count_substring(ends, "\n"), np.int64) + 1
    hits = scan(ends, PATTERNS)
    left = np.ones(len(text), np.bool_)
    for rule, bits in zip(RULES, _BITS, strict=True):
        mine = (hits.patterns & bits) != 0
        if not mine.any():
            continue
        many = np.bincount(hits.row[mine], minlength=len(text))
        any_of = np.zeros(len(text), np.uint64)
        np.bitwise_or.at(any_of, hits.row[mine], hits.patterns[mine] & bits)
        told = (
            left
            & (many >= rule.lines)
            & (np.bitwise_count(any_of) >= rule.different)
            & (many * 100 >= rule.share * lines)
        )
        found[told] = KINDS.index(rule.kind)
        left &= ~told
    return found


def _ends(text: pa.Array) -> pa.Array:
    """The first HEAD and the last TAIL bytes of each row, to whole code points, a line feed between; a shorter row whole."""
    text = text.fill_null("") if text.null_count else text
    offsets, data = utf8_buffers(text)
    pieces = []
    for start, end in pairwise(offsets.tolist()):
        if end - start <= HEAD + TAIL:
            pieces.append(bytes(data[start:end]))
        else:
            pieces.append(
                bytes(data[start : _border(data, start + HEAD)]) + b"\n" + bytes(data[_border(data, end - TAIL) : end])
            )
    at = np.zeros(len(pieces) + 1, np.int64)
    np.cumsum([len(piece) for piece in pieces], out=at[1:])
    return pa.LargeStringArray.from_buffers(len(pieces), pa.py_buffer(at), pa.py_buffer(b"".join(pieces)))


def _border(data: memoryview, place: int) -> int:
    """Where the code point begins that has a byte at *place*."""
    while data[place] & 0xC0 == 0x80:
        place -= 1
    return place
