"""Statements that withhold or condition, in Chinese and English: what they say by class, and the expressions that find them."""

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator
from typing import Final, NamedTuple

ZH_STATEMENT: Final = "zh-statement"
EN_STATEMENT: Final = "en-statement"
KINDS: Final = (ZH_STATEMENT, EN_STATEMENT)
OWNERSHIP: Final = "all-rights-reserved"

CLASSES: Final = {
    OWNERSHIP: "restricted",  # 版权所有: counts only where the record grants nothing itself, see `verdict`
    "no-repost": "restricted",  # 未经许可不得转载
    "no-crawl": "restricted",  # 禁止爬取
    "no-training": "restricted",  # 不得用于训练
    "non-commercial": "non-commercial",  # 不得用于商业用途
    "study-only": "non-commercial",  # 仅供学习研究
    "academic-only": "non-commercial",  # 仅限学术研究
    "repost-with-attribution": "unknown",  # 转载请注明出处: a condition on reposting, no word on training
    "repost-of-unknown-origin": "unknown",  # 如有侵权请联系删除: the site itself does not know whose text it is
}
"""Class of a statement -> licence class it stands for. A lawyer may differ: these are facts and an order, no advice."""


class Statement(NamedTuple):
    """One statement in a passage, in code points of it. *own*: it names the work it stands in (本站, this dataset)."""

    start: int
    end: int
    kind: str
    name: str
    own: bool


_NO: Final = "(?:请勿|請勿|禁止|严禁|嚴禁|谢绝|謝絕|不得|不可|不允许|不准|不能)"
_WITHOUT: Final = "(?:未经|未經|未获|未獲|未得)"
_CONSENT: Final = "(?:许可|許可|授权|授權|同意|允许|允許)"
_REPOST: Final = "(?:转载|轉載|转发|复制|複製|摘编|摘編|链接|镜像|鏡像|翻印|盗用|抄袭|商用|用于商业|使用本[站网文])"
_CRAWL: Final = "(?:抓取|爬取|爬虫|爬蟲|采集本)"
_IN: Final = r"[^。；;！!\n]"  # within one sentence
_MODEL: Final = "(?:人工智能|[Aa][Ii]|机器学习|模型)"
_TRAINING: Final = "(?:训练|訓練|微调|微調)"
_TRAIN: Final = (
    rf"(?:(?:用于|用於|用作){_IN}{{0,10}}{_TRAINING}|{_TRAINING}{_IN}{{0,4}}{_MODEL}|{_MODEL}的?(?:预|預)?{_TRAINING}"
    rf"|(?:用于|用於|用作|作为|作為){_IN}{{0,6}}(?:训练|訓練)?(?:语料|語料))"
)
_BUSINESS: Final = "(?:商业|商業|盈利|营利)"
_ENDS: Final = "(?:用途|使用|目的|性使用|利用)"

# Tried in this order at each place; a statement's class is that of the first that matches there. Each needs a verb of
# exploitation, or names the owner: 未经…不得 alone fires on one Chinese statute in six.
_ZH: Final = (
    ("no-training", rf"{_NO}{_IN}{{0,16}}{_TRAIN}|{_WITHOUT}{_IN}{{0,20}}{_CONSENT}{_IN}{{0,20}}{_TRAIN}"),
    ("no-crawl", rf"{_NO}{_IN}{{0,8}}{_CRAWL}|{_WITHOUT}{_IN}{{0,20}}{_CONSENT}{_IN}{{0,12}}{_CRAWL}"),
    (
        "non-commercial",
        rf"{_NO}{_IN}{{0,8}}(?:用于|用於|用作|作为|作)(?:任何)?{_BUSINESS}|{_NO}(?:任何形式的?|用于|任何)?商用"
        rf"|{_NO}{_IN}{{0,6}}{_BUSINESS}{_ENDS}|非(?:商业|商業)(?:性)?{_ENDS}|(?:仅限|仅供|僅供|只能){_IN}{{0,4}}非(?:商业|商業|商用|营利|盈利)"
        rf"|{_WITHOUT}{_IN}{{0,20}}{_CONSENT}{_IN}{{0,12}}(?:用于|用於|用作|作为)(?:任何)?{_BUSINESS}",
    ),
    ("academic-only", rf"(?:仅供|僅供|只供|仅限|僅限|仅用于|僅用於|只能用于|只可用于){_IN}{{0,4}}(?:学术|學術)"),
    (
        "study-only",
        rf"(?:仅供|僅供|只供|仅限|僅限|仅用于|僅用於|只能用于|只可用于)(?!于在){_IN}{{0,8}}(?:学习|學習|研究(?![生院所])|交流|科研|学术|學術|教学(?!楼)|非商业)",
    ),
    (
        "no-repost",
        rf"{_WITHOUT}{_IN}{{0,20}}{_CONSENT}(?!的情况){_IN}{{0,24}}{_REPOST}|{_NO}(?:任何形式的?)?{_IN}{{0,6}}(?:转载|轉載|镜像|翻印)",
    ),
    ("repost-with-attribution", rf"(?:转载|轉載){_IN}{{0,10}}(?:注明|標明|标明|保留|註明)"),
    (
        "repost-of-unknown-origin",
        rf"侵[权權犯]{_IN}{{0,16}}(?:联系|聯繫|告知){_IN}{{0,12}}(?:删除|刪除|处理)|侵删",
    ),
    (OWNERSHIP, r"版[权權]所有(?![者人])|侵[权權]必究|保留(?:所有|一切)权利|(?:版权|著作权)归[^。\n]{1,30}所有"),
)
ZH: Final = re.compile("|".join(f"(?P<s{i}>{e})" for i, (_, e) in enumerate(_ZH)))
_ZH_OWN: Final = re.compile(
    "本(?:站|网站|网|文章?|数据集?|语料库?|作品|项目|仓库|内容|书|刊|模型|资料|软件|代码|库|页面?|频道)|(?:本|此)(?:數據集|網站|項目)"
)

_S: Final = r"[^.;!?\n]"  # within one sentence; a passage has its line breaks folded to spaces
_NONE: Final = (
    r"(?:no\s+(?:part|portion|piece|section|element|excerpt|content|material|text|data|image|work|page|information)s?|none\s+of|nothing\s+(?:in|on|from))\b"
    rf"{_S}{{0,60}}?\b(?:may|can|shall|should|must|is|are)"
)
_NOT: Final = (
    rf"(?:{_NONE}|(?:may|must|shall|can|should|is|are)\s+(?:not|only\s+not|never)|cannot|can't|not\s+be|not\s+(?:permitted|allowed|authori[sz]ed)"
    r"|prohibit(?:s|ed)?|forbid(?:s|den)?|do\s+not|don't|disallow(?:s|ed)?|without\s+(?:\w+\s+){0,3}(?:permission|consent|authori[sz]ation))"
)
_BARRED: Final = (
    r"(?:is|are)\s+(?:\w+\s+)?(?:prohibited|forbidden|not\s+(?:permitted|allowed|authori[sz]ed)|disallowed)"
)
_AI: Final = r"(?:ai|a\.i\.|artificial|machine|language|large|llms?|generative|foundation|neural|deep|models?|classifiers?|systems?)"
_EN_TRAIN: Final = rf"(?:(?:pre-?)?train(?:ing)?|fine-?tun(?:e|ing)){_S}{{0,30}}\b{_AI}\b|\b{_AI}\s+(?:model\s+)?training|(?:text\s+and\s+)?data\s+mining|machine\s+learning"
_RESERVED: Final = (
    rf"\breserv(?:es?|ed|ing)\b{_S}{{0,40}}?\brights\b{_S}{{0,120}}?\b(?:{_EN_TRAIN})|\brights\b{_S}{{0,120}}?\b(?:{_EN_TRAIN}){_S}{{0,120}}?\breserved\b"
    rf"|\b(?:opt(?:s|ed|ing)?|right\s+to\s+opt)[\s-]+out\s+(?:of|from)\b{_S}{{0,80}}?\b(?:{_EN_TRAIN})"
)
"""A reservation in the words of the directive (EU) 2019/790, article 4(3): of rights, in the plural; who reserves the right to train says the contrary."""
_RESEARCH: Final = r"(?:research|academic|educational|scholarly|scientific|study|evaluation)"
_ACADEMIC: Final = r"(?:academic|educational|scholarly)"
_COMMERCE: Final = r"commercial(?:ly)?"
_COPY: Final = r"(?:reproduc|republish|repost|re-?distribut|re-?upload|cop(?:y|ied)|mirror|sublicen[cs])"

_EN: Final = (
    (
        "no-training",
        "en.train",
        ("train", "tune", "tuning", "mining", "machine learning"),
        rf"\b{_NOT}\b{_S}{{0,120}}?\b(?:{_EN_TRAIN})|\b(?:{_EN_TRAIN}){_S}{{0,60}}?\b{_BARRED}|\bno\s+ai\s+training|\bno\s+(?:use\s+)?(?:for\s+)?(?:{_EN_TRAIN})|{_RESERVED}",
    ),
    (
        "no-crawl",
        "en.crawl",
        ("scrape", "scraping", "crawl", "harvest"),
        rf"\b{_NOT}\b{_S}{{0,60}}?\b(?:scrap(?:e[ds]?|ing)|crawl(?:s|ed|ing)?|harvest(?:ed|ing)?)\b|\b(?:scraping|crawling){_S}{{0,60}}?\b{_BARRED}",
    ),
    (
        "academic-only",
        "en.only",
        ("academic", "education", "scholar"),
        rf"\b(?:only|solely|exclusively|strictly)\b{_S}{{0,30}}?\bfor\s+(?:\S+\s+){{0,2}}?{_ACADEMIC}\b"
        rf"|\bfor\s+(?:\S+\s+){{0,2}}?{_ACADEMIC}\b{_S}{{0,40}}?\b(?:only|solely|exclusively)\b|\b{_ACADEMIC}[\s-]+(?:use\s+|purposes\s+)?only\b",
    ),
    (
        "study-only",
        "en.only",
        ("research", "academic", "education", "scholar", "scientific", "study", "evaluation"),
        rf"\b(?:only|solely|exclusively|strictly)\b{_S}{{0,30}}?\bfor\s+(?:\S+\s+){{0,4}}?{_RESEARCH}\b"
        rf"|\bfor\s+(?:\S+\s+){{0,3}}?{_RESEARCH}\b{_S}{{0,40}}?\b(?:only|solely|exclusively)\b|\b{_RESEARCH}[\s-]+(?:use\s+|purposes\s+)?only\b"
        rf"|\blimited\s+to\s+(?:\S+\s+){{0,3}}?{_RESEARCH}\b",
    ),
    (
        "non-commercial",
        "en.commerce",
        ("commercial",),
        rf"\b{_NOT}\b{_S}{{0,60}}?\bcommercial(?:ly|\s+(?:use|purposes?|exploitation|products?|services?|gain|applications?|settings?|projects?|activit\w+|benefit)\b)"
        rf"|\b{_COMMERCE}\s+(?:use|exploitation|purposes?){_S}{{0,40}}?\b{_BARRED}"
        r"|(?<!commercial or )(?<!commercial and )(?<!commercial, )(?<!commercial/)\bnon-?\s*commercial(?:\s+(?!or\b|and\s+commercial)\w+){0,2}\s+(?:use|purposes?|only|licen[cs]e)\b(?!\s+(?:or|and)\s+commercial)"
        r"|\bno\s+commercial\s+use|\bnot\s+for\s+commercial",
    ),
    (
        "no-repost",
        "en.copy",
        ("reproduc", "republi", "repost", "distribut", "upload", "copy", "copie", "mirror", "sublicen", "confidential"),
        rf"\b(?:may|must|shall|can|should)\s+not\s+be\s+(?:\w+,?\s+(?:or\s+)?){{0,4}}?{_COPY}|\bdo\s+not\s+(?:\w+\s+){{0,2}}?{_COPY}"
        rf"|\bno\s+part\s+of\s+th(?:is|e)\b{_S}{{0,60}}?\b{_COPY}|\b{_COPY}\w*\b{_S}{{0,60}}?\bwithout\s+(?:\w+,?\s+){{0,4}}?(?:permission|consent|authori[sz]ation){_S}{{0,20}}?\b{_BARRED}"
        rf"|\b(?:redistribution|reproduction|republication)\b{_S}{{0,60}}?\b{_BARRED}"
        r"|\bunauthori[sz]ed\s+(?:\w+[\s,]+(?:or\s+)?){0,4}?(?:copying|reproduction|distribution|redistribution)\b"
        rf"{_S}{{0,100}}?\b{_BARRED}|\bproprietary\s+and\s+confidential|\bconfidential\s+and\s+proprietary",
    ),
    (OWNERSHIP, "en.owned", ("reserved",), r"\ball\s+rights\s+reserved\b"),
)
EN: Final = tuple((name, trigger, stems, re.compile(e)) for name, trigger, stems, e in _EN)
"""Class, its trigger, what every match of it holds one of, its expression over lower case; none crosses the end of a sentence."""
_STOP: Final = re.compile(r"[.;!?]")
_LONGEST_SENTENCE: Final = 400
_EN_OWN: Final = re.compile(
    r"\b(?:this|our|these)\s+(?:\w+\s+)?(?:data(?:set)?s?|site|website|work|corpus|repository|repo|model|weights?|content|page|blog|book|software|code|project|material|document|article|text)\b"
    r"|\bthe\s+(?:data(?:set)?s?|corpus|repository|website|weights)\b",
)
BREAK: Final = r"\n[ \t]*(?:#+|//+|\*+|;+|%+|--+|>+|dnl\b|rem\b)?[ \t]*"
"""A line's end with the comment mark that the next one begins with."""
_WRAP: Final = re.compile(BREAK, re.IGNORECASE)
_HAS: Final = 40
"""How far before a statement the work that it speaks of may be named, in code points."""

_T_AI: Final = r"(?:ai\b|a\.i\.|artificial|machine|language|large|llm|generative|foundation|neural|deep|models?\b|classifiers?\b|systems?\b)"
_T_RESEARCH: Final = r"(?:research|academic|educational|scholarly|scientific|study|evaluation)"
_T_COPY: Final = r"(?:reproduc|republish|repost|re-?distribut|re-?upload|copy|copie|mirror|sublicen)"
_BEGINS: Final = r"^[^a-z0-9\n]{0,6}"
"""A line that goes on with what the line before it began, behind its comment marks."""
TRIGGERS: Final = (
    ("zh.owned", "版(?:权|權)所有|侵(?:权|權)必究|保留(?:所有|一切)权利|(?:版权|著作权)归"),
    ("zh.without", r"(?:未经|未經|未获|未獲|未得)[^\n]*(?:许可|許可|授权|授權|同意|允许|允許)[^\n]*"
        "(?:转载|轉載|转发|复制|複製|摘编|摘編|链接|镜像|鏡像|翻印|盗用|抄袭|商用|商业|商業|盈利|营利|使用本|抓取|爬取|爬虫|爬蟲|采集本|训练|訓練|微调|微調|语料|語料)"),
    # What is withheld may stand on the next line, where somebody broke it to fit a width; `wrapped` looks for it.
    ("zh.wrapped", r"(?:未经|未經|未获|未獲|未得)[^\n]*(?:许可|許可|授权|授權|同意|允许|允許)|(?:禁止|不得|严禁|嚴禁|请勿|不可)将本"),
    ("zh.forbidden", r"(?:请勿|請勿|禁止|严禁|嚴禁|谢绝|謝絕|不得|不可|不允许|不准|不能)[^\n]*"
        "(?:转载|轉載|镜像|翻印|抓取|爬取|爬虫|爬蟲|采集本|训练|訓練|微调|微調|语料|語料|商业|商業|商用|盈利|营利)"),
    ("zh.only", r"(?:仅供|僅供|只供|仅限|僅限|仅用于|僅用於|只能|只可用于)[^\n]*(?:学习|學習|研究|交流|科研|学术|學術|教学|非商|非营|非盈)|非(?:商业|商業)"),
    ("zh.repost", r"(?:转载|轉載)[^\n]*(?:注明|標明|标明|保留|註明)"),
    ("zh.origin", r"侵删|侵(?:权|權|犯)[^\n]*(?:联系|聯繫|告知)"),
    ("en.owned", r"(?i)all[ \t]+rights[ \t]+reserved"),
    # Prose is full of "train", "commercial" and "reproduce": beside them stands what they are done to or for, or what withholds.
    ("en.train", rf"(?i)train[^\n]{{0,30}}[^a-z\n]{_T_AI}|fine-?tun|used?[ \t]+(?:to|for|in)[ \t]+(?:pre-?|ai )?train|data[ \t]+mining|text[ \t]+and[ \t]+data|for[ \t]+machine[ \t]+learning|ai[ \t]+(?:model[ \t]+)?training"
        rf"|{_BEGINS}(?:large[ \t]+language|machine[ \t]+learning|artificial[ \t]+intelligence|generative[ \t]+ai)[ \t]+(?:model|system|technolog)"),
    ("en.commerce", r"(?i)non[- \t]?commercial|commercial(?:ly|[ \t]+(?:use|purpose|exploit|product|service|gain|appli|setting|project|activit|benefit))|for[ \t]+(?:any[ \t]+)?commercial"),
    ("en.only", rf"(?i){_T_RESEARCH}[ \t-]+(?:(?:and|or)[ \t]+[a-z-]+[ \t]+)?(?:use|purpose|only)"
        rf"|(?:solely|exclusively|strictly|limited|only)[^\n]{{0,60}} {_T_RESEARCH}|{_T_RESEARCH}[^\n]{{0,45}} (?:only|solely|exclusively)|(?:commercial|academic|scientific)[ \t]+research"
        rf"|{_BEGINS}(?:purposes?|use)[ \t]+only|(?:for[ \t]+|{_BEGINS})research[ \t]+(?:and|or)[ \t]+(?:education|academic|scientific)"),
    ("en.copy", rf"(?i)not[ \t]+be[^\n]{{0,60}} {_T_COPY}|do[ \t]+not[^\n]{{0,40}} {_T_COPY}|no part of th|reproduc(?:ed|tion)|republi(?:sh|cation)|redistribut|re-distribut|re-?upload|repost|sublicen"
        r"|unauthori[sz]ed[^\n]{0,60}(?:copying|reproduction|distribution)|proprietary and|and proprietary"),
    ("en.crawl", r"(?i)scrap(?:e|ing)|crawl"),
)  # fmt: skip
_TELLS: Final = (
    "not ", "no ", "n't", "cannot", "only", "solely", "exclusively", "strictly", "limited", "reserved", "without", "noncommercial",
    "non-commercial", "non commercial", "unauthori", "proprietary", "prohibit", "forbid", "disallow",
    "none of", "nothing ", "reserv", "opt",
)  # fmt: skip
"""Every match of an English expression but in a sentence's last words holds one of them."""
_NEAR_BYTES: Final = 180
_LONGEST_TELL: Final = 16  # bytes, at least
_FORBIDS: Final = (b"not", b"n't", b"no ", b"none", b"without", b"prohibit", b"forbid", b"disallow")
_TELLS_OF: Final = {
    "en.train": (*_FORBIDS, b"reserv", b"opt"), "en.crawl": _FORBIDS,
    "en.commerce": (*_FORBIDS, b"noncommercial", b"non-commercial", b"non- commercial", b"non commercial"),
    "en.only": (b"only", b"solely", b"exclusively", b"strictly", b"limited"),
    "en.copy": (b"not be", b"do not", b"no part", b"prohibited", b"forbidden", b"unauthori", b"proprietary", b"not permitted", b"not allowed", b"not authori"),
}  # fmt: skip


def may_hold(line: bytes, told: Collection[str]) -> bool:
    """Whether an English statement can lie in *line* (with what stands beside it, as `wrapped.joined_bytes` has it), in lower case.

    *told*: triggers of the line. Cheap and loose: beside what a statement speaks of there must stand a word that withholds.
    """
    for _, trigger, stems, _ in EN:
        if trigger not in told:
            continue
        if trigger == "en.owned":
            return True
        tells = _TELLS_OF[trigger]
        for stem in map(str.encode, stems):
            at, looked = line.find(stem), 0
            while at >= 0:
                near = line[max(0, at - _NEAR_BYTES, looked - _LONGEST_TELL) : at + _NEAR_BYTES]
                for tell in tells:
                    if tell in near:
                        return True
                looked = at + _NEAR_BYTES  # once a byte, however often the stem stands there
                at = line.find(stem, at + len(stem))
    return False


def chinese(text: str, start: int, end: int) -> Iterator[Statement]:
    """The Chinese statements between two code points of a line."""
    for m in ZH.finditer(text, start, end):
        name = _ZH[int((m.lastgroup or "s0")[1:])][0]
        yield Statement(
            m.start(), m.end(), ZH_STATEMENT, name, _ZH_OWN.search(text, max(0, m.start() - _HAS), m.end()) is not None
        )


def english(flat: str, start: int, end: int, told: Collection[str]) -> Iterator[Statement]:
    """The English statements that touch the code points *start* to *end* of a passage, `flattened` and in `lower` case.

    *told*: names of the triggers that the line holds.
    """
    stops: list[int] | None = None
    for name, trigger, stems, expression in EN:
        if trigger not in told:
            continue
        done = 0
        for at in sorted(_places(flat, stems)):
            if at < done:
                continue
            stops = [m.start() for m in _STOP.finditer(flat)] if stops is None else stops
            i = bisect_left(stops, at)
            first = max(stops[i - 1] + 1 if i else 0, done, at - _LONGEST_SENTENCE)
            done = min(stops[i] if i < len(stops) else len(flat), at + _LONGEST_SENTENCE)
            sentence = flat[first : done + 1]
            if done <= start or first >= end or not any(tell in sentence for tell in _TELLS):
                continue
            for m in expression.finditer(flat, first, done):
                if m.start() < end and m.end() > start:
                    own = _EN_OWN.search(flat, max(first, m.start() - _HAS), m.end()) is not None
                    yield Statement(m.start(), m.end(), EN_STATEMENT, name, own)


def _places(text: str, stems: tuple[str, ...]) -> Iterator[int]:
    for stem in stems:
        at = text.find(stem)
        while at >= 0:
            yield at
            at = text.find(stem, at + len(stem))


def lower(text: str) -> str:
    """Lower case, but for the characters that grow by it: no code point moves."""
    made = text.lower()
    return made if len(made) == len(text) else "".join(c if len(c.lower()) > 1 else c.lower() for c in text)


def flattened(passage: str) -> str:
    """*passage* with line breaks and the comment marks behind them as spaces; no code point moves."""
    return _WRAP.sub(lambda m: " " * len(m[0]), passage) if "\n" in passage else passage
