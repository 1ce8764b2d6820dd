"""How a rule's ground is cited: instrument and article as a Chinese text and as an English one name them."""

from typing import Final

from schemas.rule import Instrument, Rule
from schemas.words import Words

ARTICLES_ZH: Final = {
    ("CN-IM", "2"): "第二条", ("CN-IM", "4(2)"): "第四条第（二）项", ("CN-IM", "4(3)"): "第四条第（三）项",
    ("CN-IM", "7(1)"): "第七条第（一）项", ("CN-IM", "7(2)"): "第七条第（二）项", ("CN-IM", "7(3)"): "第七条第（三）项",
    ("CN-IM", "7(4)"): "第七条第（四）项", ("CN-IM", "8"): "第八条", ("CN-IM", "17"): "第十七条", ("CN-PIPL", "27"): "第二十七条", ("CN-PIPL", "38"): "第三十八条",
}  # fmt: skip
"""(instrument, article as rules cite it) -> as a Chinese text cites it; an article that is not here is printed as cited."""

OWN_ZH: Final = {
    ("HOUSE", "registry review"): "来源评审", ("HOUSE", "synthetic text"): "合成文本", ("HOUSE", "coverage"): "查看范围",
    ("HOUSE", "takedowns"): "下架名单", ("HOUSE", "candidates of risks"): "风险候选",
    ("CORPUSLEDGER", "conservation"): "数量守恒", ("CORPUSLEDGER", "visibility"): "一律列示",
}  # fmt: skip
"""What stands in the place of an article where the ground is the house's own, in Chinese."""

SHORT_EN: Final = {"CN-IM": "Interim Measures", "CN-PIPL": "PIPL", "TC260-003": "TC260-003"}
"""Instrument -> its usual short name in English; one that is not here is cited by its title."""
_OWN_RANKS: Final = ("house rule", "own rule")


def citation(rule: Rule, instrument: Instrument | None) -> Words:
    """The ground of *rule* with its verification mark: 《生成式人工智能服务管理暂行办法》第七条第（二）项 [T]."""
    if instrument is None:
        return Words.from_text(f"{rule.instrument} {rule.article} [{rule.mark}]")
    key = (rule.instrument, rule.article)
    if instrument.rank in _OWN_RANKS:
        zh, en = f"{instrument.title.zh}（{OWN_ZH.get(key, rule.article)}）", f"{instrument.title.en} ({rule.article})"
    else:
        article = ARTICLES_ZH.get(key)
        zh = f"《{instrument.title.zh}》{article or ' ' + rule.article}"
        name = SHORT_EN.get(rule.instrument, instrument.title.en)
        en = f"{name} Art. {rule.article}" if article else f"{name}, {rule.article}"
    return Words(f"{zh} [{rule.mark}]", f"{en} [{rule.mark}]")
