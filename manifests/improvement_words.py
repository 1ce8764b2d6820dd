"""The words of the measures of the Article 7(4) table, in both languages: what each counts, in which unit, by which method."""

from typing import Final, NamedTuple

from schemas.words import Words

AUTHENTICITY, ACCURACY, OBJECTIVITY, DIVERSITY = ASPECTS = ("authenticity", "accuracy", "objectivity", "diversity")
"""真实性、准确性、客观性、多样性: the four of Interim Measures Art. 7(4), in its order."""
TITLES: Final = {
    AUTHENTICITY: Words("真实性", "authenticity"), ACCURACY: Words("准确性", "accuracy"), OBJECTIVITY: Words("客观性", "objectivity"),
    DIVERSITY: Words("多样性", "diversity"),
}  # fmt: skip
PPM, EQUIVALENTS, COUNT = "ppm", "equivalents", "number"
"""Shares in ppm; Hill's numbers in thousandths (as many equal parts would be as diverse); whole numbers."""


class Told(NamedTuple):
    """One measure: of which aspect, in which unit, its name and its method."""

    aspect: str
    unit: str
    title: Words
    method: Words


def _share(zh: str, en: str, zh_how: str, en_how: str, aspect: str = AUTHENTICITY) -> Told:
    return Told(aspect, PPM, Words(zh, en), Words(zh_how, en_how))


_MARK: Final = ("正文内固定模式，候选，不是认定", "patterns in the text; candidates, no finding")
_VERDICT: Final = (
    "封存后随机抽取，由人员判定；单侧 95% Clopper-Pearson 上下界；无法判断计为不合格", "drawn at random after the seal and judged by people; one-sided 95 % Clopper-Pearson bounds; unsure counts as failing",
)  # fmt: skip
_DRAWN: Final = (
    "按正文抽出的记录，依登记、网址与正文线索判定；括号内为双侧 95% Clopper-Pearson 区间；线索由开发者在 224 页未用于编写的文本上核对：所报方式 57 处中 43 处属实（75%，62.2%–85.9%）",
    "records drawn by their text, told by registry, address and cues; two-sided 95 % Clopper-Pearson interval; cues judged by the developers on 224 pages apart from those they were made for: 43 of 57 told are right (75 %, 62.2-85.9)",
)  # fmt: skip
_SPREAD: Final = ("Hill 数（1 阶，Shannon 熵的指数）", "Hill's number of order 1, the exponential of Shannon's entropy")
_PUBLISHERS: Final = (
    "抽出的记录中该表达方式的可注册域名；样本越小，数值越低",
    "registrable domains of drawn records of that manner; the fewer are drawn, the lower",
)

MEASURES: Final = {
    "synthetic_candidates": _share("疑似机器生成的记录", "candidates of machine-written text", *_MARK),
    "assistant": _share("含助手套话的记录", "records with an assistant's stock phrase", *_MARK),
    "self-told": _share("模型自报名称或开发者的记录", "records in which a model names itself or its maker", *_MARK),
    "visible-label": _share("含显式生成标识的记录", "records with a visible label of generated text", *_MARK),
    "implicit-label": _share(
        "含隐式标识（GB 45438-2025 AIGC）的记录", "records with an implicit label (GB 45438-2025, AIGC)",
        "读取正文及网页标记中的 AIGC 元数据；标识中的编码不保存", "the object AIGC, read from the text and from markup; no id of it is kept",
    ),
    "declared_synthetic": _share("登记为合成的记录", "records of sources declared as synthetic", "来源登记的类别与生成模型", "class and generator in the registry"),
    "mojibake": _share("编码误读的记录", "records read in a wrong encoding", "质量检查的逐条计数", "counts of the check quality"),
    "damaged": _share("含损坏字符的记录", "records with damaged characters", "质量检查的逐条计数", "counts of the check quality"),
    "dates_ahead": _share("采集日期晚于运行之日的记录", "records collected after the run's day", "以运行设定的日期为准", "held against the run's own day (as_of)"),
    "impossible_dates": _share("采集日期在历法上不存在的记录", "records whose date of collection no calendar has", "仅对全部记录计数", "counted of all records alone"),
    "impossible_text_dates": _share("正文含不存在日期的记录", "records whose text names a day that no calendar has", "如 2月30日", "such as June 31"),
    "failing": Told(ACCURACY, PPM, Words("人员判定为不准确的记录", "records that people judged as not accurate"), Words(*_VERDICT)),
    "false": Told(ACCURACY, PPM, Words("其中：错误", "of these: false"), Words(*_VERDICT)),
    "outdated": Told(ACCURACY, PPM, Words("其中：过时", "of these: outdated"), Words(*_VERDICT)),
    "unverifiable": Told(ACCURACY, PPM, Words("其中：无法核实", "of these: unverifiable"), Words(*_VERDICT)),
    "reference": Told(OBJECTIVITY, PPM, Words("参考资料", "reference"), Words(*_DRAWN)),
    "reporting": Told(OBJECTIVITY, PPM, Words("报道", "reporting"), Words(*_DRAWN)),
    "opinion": Told(OBJECTIVITY, PPM, Words("评论观点", "opinion"), Words(*_DRAWN)),
    "promotional": Told(OBJECTIVITY, PPM, Words("推广", "promotional"), Words(*_DRAWN)),
    "user-generated": Told(OBJECTIVITY, PPM, Words("用户生成", "user-generated"), Words(*_DRAWN)),
    "other": Told(OBJECTIVITY, PPM, Words("其他（图书、代码、对话）", "other (books, code, dialogues)"), Words(*_DRAWN)),
    "unknown": Told(OBJECTIVITY, PPM, Words("无从判定", "nothing tells"), Words(*_DRAWN)),
    "publishers": Told(OBJECTIVITY, EQUIVALENTS, Words("发布者（等效个数）", "publishers (equivalents)"), Words(f"{_SPREAD[0]}；{_PUBLISHERS[0]}", f"{_SPREAD[1]}; {_PUBLISHERS[1]}")),
    "largest_publisher": Told(OBJECTIVITY, PPM, Words("最大发布者占比", "share of the largest publisher"), Words(*_PUBLISHERS)),
    "sources": Told(DIVERSITY, EQUIVALENTS, Words("来源（等效个数）", "sources (equivalents)"), Words(*_SPREAD)),
    "languages": Told(DIVERSITY, EQUIVALENTS, Words("语种（等效个数）", "languages (equivalents)"), Words(*_SPREAD)),
    "domains": Told(DIVERSITY, EQUIVALENTS, Words("域名（等效个数）", "domains (equivalents)"), Words(*_SPREAD)),
    "largest_domain": Told(DIVERSITY, PPM, Words("最大域名占比", "share of the largest domain"), Words("有网址的记录中", "of records with an address")),
}  # fmt: skip
"""Measure -> what is told of it; the order of the table."""
