"""docs/article-map.md: article by article, which rules rest on it and on which evidence they rest; where Article 19's items come from."""

from collections.abc import Sequence

from checks import BY_NAME
from manifests.article19 import ITEMS
from manifests.disclose import words
from pipelines.documents import markup
from pipelines.documents.article_words import ARTICLES_ZH, ASKED_ZH, GETS, UNCOVERED
from pipelines.documents.markup import code, codes, table
from pipelines.gate_words import asked
from pipelines.policy import PACKS, Policy, built_in_packs, known_measures, load_policy
from schemas.rule import MARKS, Instrument, Rule


def page() -> str:
    """The page's text."""
    known = known_measures(BY_NAME)
    policies = {name: load_policy((name,), PACKS, known) for name in built_in_packs()}
    return markup.page("Article map", [
        "Which rule rests on which article, and on which evidence each rule rests. 本页列示各条规则的依据条款与所凭证据。", "",
        "**Evidence and states, never a verdict** on whether a law is kept; that is for people to say. 只列证据与状态，不作是否符合法律的结论。", "",
        "Only final texts are cited: a superseded draft is refused as a rule's instrument. What each rule asks of a corpus is a setting of the policy",
        "pack, which you can change (see [policy.md](policy.md)); measures are explained in [measures.md](measures.md), registry keys in",
        "[configuration.md](configuration.md).", "",
        "## Verification marks", "",
        "A mark says how well a citation, or a number, is known. The article's mark stands beside the article, the number's behind the number.", "",
        *table(("mark", "meaning", "含义"), ((f"**{mark}**", meaning.en, meaning.zh) for mark, meaning in MARKS.items())),
        *(line for name, policy in policies.items() for line in _pack(name, policy)),
        *_article19(), *_uncovered(),
    ])  # fmt: skip


def _pack(name: str, policy: Policy) -> list[str]:
    lines = [f"## Pack {code(name)}", "", "### Instruments", ""]
    lines += table(
        ("id", "instrument", "文件", "rank", "binding", "status", "in force since", "mark"),
        (_instrument(key, item) for key, item in policy.instruments.items()),
    )
    for key, item in policy.instruments.items():
        articles = list(dict.fromkeys(rule.article for rule in policy.rules if rule.instrument == key))
        for article in articles:
            rules = [rule for rule in policy.rules if (rule.instrument, rule.article) == (key, article)]
            zh = ARTICLES_ZH.get((key, article), "")
            lines += [f"### {key} {article} {zh}".rstrip(), "", f"{item.title.zh}{zh} · {item.title.en}, {article}", ""]
            lines += _rules(rules, policy)
    return lines


def _instrument(key: str, item: Instrument) -> Sequence[str]:
    status = item.status.replace("_", " ") if item.citable else f"{item.status}; never cited"
    return (
        code(key),
        item.title.en,
        item.title.zh,
        item.rank,
        "yes" if item.binding else "no",
        status,
        item.effective or "",
        item.mark,
    )


def _rules(rules: Sequence[Rule], policy: Policy) -> list[str]:
    rows = []
    for rule in rules:
        rests = [code(asked(rule, policy.units[rule.id]))]
        rests += [f"or declared: {codes(rule.excused_by)}"] if rule.excused_by else []
        rests += [f"where {' and '.join(f'`{c.fact}` is {codes(c.values)}' for c in rule.when)}"] if rule.when else []
        rests += [f"`{rule.without_evidence}` where evidence is insufficient"] if rule.without_evidence else []
        rests += ["on the run as a whole"] if rule.scope == "run" else []
        rows.append((code(rule.id), f"{rule.title.en} {rule.title.zh}", rule.effect, rule.mark, "; ".join(rests)))
    return table(("rule", "title", "effect", "mark", "rests on"), rows)


def _article19() -> list[str]:
    zh, en = words("zh"), words("en")
    rows = [
        (number, f"{en['item'][number]} {zh['item'][number]}", GETS[number])
        for numbers in ITEMS.values() for number in numbers
    ]  # fmt: skip
    asks = (
        (what, ", ".join(f"{s} {en['section'][s]} {zh['section'][s]}" for s in sections))
        for what, sections in ASKED_ZH.items()
    )
    return [
        "## CN-IM 19(1) 第十九条第一款", "",
        "On supervision and inspection, as required, the provider explains the source, scale, type, labelling rules, algorithm mechanism and so on of its",
        "training data, and gives the necessary technical and data support. Quality is not among the items; its measures are left out of this report.",
        "`corpusledger disclose RUN --regime cn-art19` writes it; the wording of the items is marked M (a lawyer must check it against the official text).", "",
        *table(("Article 19(1) names", "section of the report"), asks),
        "Where each item comes from. *people*: a statement that a person makes; until then the report prints 未提供 with the reason.", "",
        *table(("item", "title", "comes from"), rows),
    ]  # fmt: skip


def _uncovered() -> list[str]:
    rows = ((f"CN-IM {article} {zh}", matter, there) for article, zh, matter, there in UNCOVERED)
    return [
        "## What no rule covers", "",
        "These articles touch training data, and no rule of the packs above cites them. A run that passes says nothing on them.", "",
        *table(("article", "matter", "what there is"), rows),
    ]  # fmt: skip
