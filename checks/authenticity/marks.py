"""Marks that a machine wrote a text: an assistant's stock phrases, a model that names itself, a label for readers. Zh and en.

Each is a candidate and no proof: people quote such phrases, and a text without them may be a machine's all the same.
A line is told by expressions that ask for the first person, or for a text that speaks of itself.
"""

import re
from typing import Final, NamedTuple

from checks.authenticity.labels import TELLING
from checks.triggers import PatternSet

ASSISTANT, SELF_TOLD, VISIBLE, IMPLICIT, DATE = KINDS = (
    "assistant", "self-told", "visible-label", "implicit-label", "impossible-date",
)  # fmt: skip
CANDIDATE_KINDS: Final = (ASSISTANT, SELF_TOLD, VISIBLE, IMPLICIT)
"""Those that speak for a machine's text; a date that cannot be speaks for an invented one, or a slip."""

_VENDORS: Final = (
    ("openai", "OpenAI"), ("anthropic", "Anthropic"), ("google", "Google(?: DeepMind)?|谷歌|DeepMind"),
    ("meta", "Meta(?: AI)?"), ("microsoft", "Microsoft|微软|微軟"), ("baidu", "百度|Baidu"),
    ("alibaba", "阿里巴巴|阿里云|通义实验室|达摩院|阿里|Alibaba(?: Cloud)?"), ("tencent", "腾讯|騰訊|Tencent"),
    ("bytedance", "字节跳动|抖音|火山引擎|ByteDance"), ("deepseek", "深度求索|DeepSeek"), ("moonshot", "月之暗面|Moonshot(?: AI)?"),
    ("zhipu", "智谱(?:AI|华章)?|Zhipu(?: AI)?"), ("baichuan", "百川智能|Baichuan"), ("iflytek", "科大讯飞|讯飞|iFLYTEK"),
    ("huawei", "华为|Huawei"), ("minimax", "MiniMax|稀宇科技"), ("sensetime", "商汤(?:科技)?|SenseTime"), ("mistral", "Mistral(?: AI)?"),
    ("xai", "xAI"), ("shailab", "上海人工智能实验室|Shanghai AI Laboratory"), ("lmsys", "LMSYS"), ("databricks", "Databricks"),
)  # fmt: skip
_MODELS: Final = (
    ("openai", r"ChatGPT|GPT-?(?:3\.5|4o?|5)(?:-[A-Za-z]+)?"), ("deepseek", r"DeepSeek(?:[- ][A-Z0-9]+)?"),
    ("alibaba", r"通义千问|通義千問|Qwen[0-9.]*"), ("baidu", "文心一言|文心大模型"), ("iflytek", "讯飞星火|星火认知大模型"),
    ("zhipu", r"ChatGLM[0-9-]*[A-Za-z0-9]*|智谱清言"), ("tencent", "腾讯混元|混元大模型"), ("shailab", "书生(?:·)?浦语|InternLM"),
    ("moonshot", "Kimi智能助手|Kimi"), ("bytedance", "豆包"), ("anthropic", "Claude"), ("google", "Gemini|Bard"), ("xai", "Grok"),
    ("meta", r"Llama(?:[- ]?[0-9.]+)?"), ("huawei", "盘古大模型"), ("lmsys", "Vicuna"),
)  # fmt: skip
_PEOPLES: Final = "Claude|Gemini|Bard|Grok|Llama|Kimi"  # names that people and other things have as well
_ZH_MODEL: Final = "(?:语言模型|語言模型|大模型|人工智能|人工智慧|AI|ＡＩ)"
_ZH_THING: Final = "(?:语言模型|語言模型|大模型|模型|助手|助理|程序|程式|系统|系統|聊天机器人|聊天機器人|机器人|機器人)"
_MADE_ZH: Final = "(?:开发|開發|研发|研發|训练|訓練|创造|創造|打造|推出|构建|研制|设计)"
_MADE_EN: Final = "(?:developed|trained|created|made|built|designed)"
_I_AM: Final = r"(?<![A-Za-z])I(?:['’]m| am| was)"
_I_AM_LOWER: Final = r"(?<![a-z])i(?:['’]m| am| was)"

TRIGGERS: Final = PatternSet(
    (
        ("zh.as", "作(?:为|為)(?:一个|一個|一名|一款|一种|一位)?(?:人工智能|人工智慧|AI|大语言|大型语言|大模型|语言模型|語言模型|由)"),
        ("zh.am", "(?:人工智能|人工智慧|AI)(?:语言模型|語言模型|大模型|模型|助手|助理|程序|程式|聊天机器人|聊天機器人)"),
        ("zh.cutoff", "(?:截至|截止|截止到)(?:我|目前我)(?:的|所)|我的(?:知识|知识库|训练数据|知識|知識庫)(?:的)?(?:截止|更新)"),
        ("zh.self", f"(?:是|叫|字是)(?: )?(?:{'|'.join(name for _, name in _MODELS)})"),
        ("zh.made", "我是(?:一个|一名|一款|一种)?(?:由|百度|阿里|腾讯|騰訊|字节|深度求索|月之暗面|智谱|百川智能|科大讯飞|讯飞|华为|商汤|OpenAI|谷歌|微软|微軟|上海人工智能)"),
        # Flat: Vectorscan 5.4 misses matches of alternations with a longer middle (test_authenticity holds both engines to one answer).
        ("zh.visible.any", "(?:智能|智慧|AI|模型)(?:自动|辅助)?(?:生成|合成|创作|撰写)"),
        ("zh.visible.name", "(?:ChatGPT|文心一言|DeepSeek|豆包|Kimi|通义千问)(?:自动|辅助)?(?:生成|创作|撰写)"),
        ("en.as", r"[Aa]s an? (?:AI|ai|artificial intelligence|large language model|language model)[^a-z\n]"),
        ("en.am", r"(?:AI|ai) (?:[Ll]anguage [Mm]odel|[Aa]ssistant|[Cc]hatbot)|AI-powered (?:assistant|chatbot)|[Aa]rtificial intelligence (?:language model|assistant|chatbot)"),
        ("en.am.model", r"m (?:just |only |simply |merely )?an? (?:AI|ai|artificial intelligence|large language model|language model)"),
        ("en.cutoff", r"[Kk]nowledge cut-?off|training data (?:cut|only goes)|[Aa]s of my (?:last|latest|most recent|knowledge)"),
        ("en.refusal", r"(?:fulfil|fulfill|comply with|assist with) (?:this|that|your) request"),
        ("en.button", r"^[ \t]{0,8}[Rr]egenerate [Rr]esponse"),
        ("en.self", f"m (?:{'|'.join(name for _, name in _MODELS if name.isascii())})"),
        ("en.made", "by (?:OpenAI|Anthropic|DeepSeek|Moonshot AI|Mistral AI|Zhipu)"),
        ("en.visible", "(?:generated|written|created|produced|drafted) (?:by|with|using|with the help of) (?:AI|an AI|ChatGPT|GPT-|artificial intelligence|Artificial Intelligence)"),
        ("en.visible.line", r"AI[- ](?:generated|Generated|GENERATED)"),
        ("implicit", f"(?:{TELLING})"),
        ("date.zh", r"(?:^|[^0-9\n])(?:0?2月(?:30|31)|(?:0?[469]|11)月31)日"),
        ("date.iso", r"[12][0-9][0-9][0-9]-(?:02-3[01]|(?:04|06|09|11)-31)"),
        ("date.en", r"February (?:30|31)|(?:April|June|September|November) 31"),
    )
)  # fmt: skip
"""In every line that holds a mark; the expressions below read those lines alone. Short and common words, and case that is
ignored, are dear in the one walk: what is looked for here has a rare word in the case that people write."""

_AI_ZH: Final = "(?:AI|ＡＩ|人工智能|人工智慧|大模型|ChatGPT|文心一言|DeepSeek|豆包|Kimi|通义千问)"
_DOES_ZH: Final = "(?:生成合成|生成|合成|创作|撰写|写作|辅助)(?!技术|模型|工具|式|器|算法|系统|领域|产业|能力|软件|平台|的(?:图|画|视频|音乐|洞|内容[^，,。]))"
_A_MACHINE: Final = re.compile(r"\b(?:AI|artificial intelligence|model|assistant|chatbot)\b|(?:OpenAI|Anthropic)$|^我")
"""What stands in it where a model speaks: people are trained by Google too."""


def _named(kinds: tuple[tuple[str, str], ...]) -> str:
    return "|".join(f"(?P<n{number}>{words})" for number, (_, words) in enumerate(kinds))


class _Rule(NamedTuple):
    """One expression. *triggers*: of the lines that it is tried on; *names*: whose words its named groups are, by number.

    *needs*: every match holds one of these, which are found quicker.
    """

    kind: str
    triggers: tuple[str, ...]
    expression: re.Pattern[str]
    names: tuple[tuple[str, str], ...] = ()
    needs: tuple[str, ...] = ("",)


_QUOTES: Final = frozenset("\"'`「『“‘《")
_FIRST_PERSON: Final = ("I'm", "I’m", "I am", "I was")
_RULES: Final = (
    _Rule(ASSISTANT, ("zh.as", "zh.am"), re.compile(
        rf"作[为為](?:一|1)?[个個名款种種位]?[^，,。！!？?；;\n]{{0,40}}?{_ZH_MODEL}{_ZH_THING}?[，,、 ]{{1,2}}(?:我|本人|很抱歉|抱歉|对不起|无法|不能|没有)"
    )),
    _Rule(ASSISTANT, ("zh.am",), re.compile(
        rf"我(?:只|仅仅|仅|就)?是一?[个個名款种種位]?[^，,。！!？?；;\n]{{0,24}}?(?:人工智能|人工智慧|AI){_ZH_THING}(?!的(?:用户|开发|研发|工程|粉))"
    )),
    _Rule(ASSISTANT, ("zh.cutoff",), re.compile(
        r"(?:截至|截止到?)(?:我|目前我)[的所](?:知识|知識|训练|訓練|掌握)|我的(?:知识库?|知識庫?|训练数据)的?(?:截止|更新)(?:至|到|日期|于|时间|時間)"
    )),
    _Rule(ASSISTANT, ("en.as", "en.am"), re.compile(
        r"(?<![a-z])as an? (?:[a-z]+[ -]){0,3}?(?:ai|artificial intelligence|language model)(?: (?:language )?(?:model|assistant|chatbot|system|program))?"
        rf"(?: {_MADE_EN} by [^\n,.]{{1,40}})?,? (?:i\b|i['’]|my\b|it is not|it['’]s not)", re.I,
    ), needs=("s a", "S A")),
    _Rule(ASSISTANT, ("en.am", "en.am.model"), re.compile(
        rf"{_I_AM_LOWER}(?: just| only| simply| merely)? an? (?:[a-z]+[ -]){{0,3}}?(?:(?:ai|artificial intelligence)(?:-powered)? ?(?:language model|assistant|chatbot|model|program|system)"
        r"|(?:large )?language model)\b", re.I,
    ), needs=("'m ", "’m ", " am ", " was ", "I am", "I was", "i am", "i was", "AM ")),
    _Rule(ASSISTANT, ("en.cutoff",), re.compile(
        r"\bmy (?:own )?(?:knowledge|training)(?: data)?(?:['’]s)? (?:cut-?off|only goes up to)|\bas of my (?:(?:last|latest|most recent) (?:knowledge )?(?:update|training)|knowledge cut-?off)",
        re.I,
    )),
    _Rule(ASSISTANT, ("en.refusal",), re.compile(
        r"(?<![a-z])i(?: cannot| can['’]t| can not|['’]m unable to| am unable to) (?:fulfil|fulfill|comply with|assist with) (?:this|that|your) request",
        re.I,
    )),
    _Rule(ASSISTANT, ("en.button",), re.compile(r"^\s{0,8}regenerate response\s*$", re.I)),
    _Rule(SELF_TOLD, ("zh.self",), re.compile(
        rf"我(?:是|叫|名叫|的名字是) ?(?:{_named(_MODELS)})(?![A-Za-z0-9]|的|用户|粉|官方|团队|开发|公司)"
    ), _MODELS),
    _Rule(SELF_TOLD, ("en.self",), re.compile(
        rf"{_I_AM} (?!(?:{_PEOPLES})\b(?!,? (?:an? |the )?(?:AI|artificial|large|language|assistant|model|created|made|developed|trained|built)))"
        rf"(?:{_named(_MODELS)})(?=[,.!;:)]|\s*$| an?\b| by\b| from\b)"
    ), _MODELS, _FIRST_PERSON),
    _Rule(SELF_TOLD, ("zh.made",), re.compile(
        rf"我是(?:一[个名款种])?[^，,。！!？?\n]{{0,12}}?由?[ ]?(?:{_named(_VENDORS)})(?:公司|团队|集团|旗下|自主|独立|[ ]){{0,3}}[^，,。！!？?\n]{{0,10}}?{_MADE_ZH}的"
    ), _VENDORS),
    _Rule(SELF_TOLD, ("en.made", "en.am", "en.am.model"), re.compile(rf"{_I_AM} [^.\n]{{0,120}}?\b{_MADE_EN} by (?:{_named(_VENDORS)})\b"), _VENDORS, _FIRST_PERSON),
    _Rule(VISIBLE, ("zh.visible.",), re.compile(
        rf"(?:本|此|该|以上|以下|上述|部分)(?:文章|回答|内容|答案|摘要|总结|文案|图文|报告|正文|文字|文|篇|页|图|段)[^，,。！!？?\n]{{0,8}}?(?:由|经|系|为|使用|利用|借助|通过|采用)[^，,。！!？?\n]{{0,6}}?{_AI_ZH}[^，,。！!？?\n]{{0,8}}?{_DOES_ZH}"
    )),
    _Rule(VISIBLE, ("zh.visible.",), re.compile(rf"(?:内容|回答|答案|摘要|结果|文字|正文|文案)(?:均)?(?:由|系|经|为){_AI_ZH}[^，,。！!？?\n]{{0,6}}?{_DOES_ZH}")),
    _Rule(VISIBLE, ("zh.visible.",), re.compile(rf"{_AI_ZH}(?:自动|辅助|大模型|技术)?(?:生成合成|生成|合成)(?:的)?(?:内容)?[，, ]?(?:仅供参考|请(?:仔细|注意|自行)?(?:甄别|辨别|核实|鉴别))")),
    _Rule(VISIBLE, ("zh.visible.",), re.compile(rf"[（(【\[](?:由|内容由|本文由)?{_AI_ZH}(?:自动|辅助)?(?:生成合成|生成|合成|创作)(?:内容)?[）)】\]]")),
    _Rule(VISIBLE, ("zh.visible.",), re.compile(r"^[\W_]{0,8}(?:人工智能生成合成内容|人工智能生成|AI生成合成内容|由(?:AI|人工智能)生成)[\W_]{0,8}$")),
    _Rule(VISIBLE, ("en.visible",), re.compile(
        r"\b(?:this|the (?:above|following)) (?:article|content|text|post|answer|response|summary|page|document|story|report|description)s? "
        r"(?:was|is|were|has been|have been)(?: [a-z]+){0,2}? (?:generated|written|created|produced|drafted)(?: [a-z]+){0,4}? ?(?:by|with|using)"
        r"(?: the help of| assistance from)?(?: an?)? ?(?:ai|artificial intelligence|chatgpt|gpt-\d\S{0,8}|large language model)\b", re.I,
    )),
    _Rule(VISIBLE, ("en.visible", "en.visible.line"), re.compile(
        r"^[\W_]{0,8}(?:ai[- ]generated(?: (?:content|text|image|summary|answer))?|(?:generated|written|created) (?:by|with|using) (?:ai|chatgpt|gpt-\d\S{0,8}|artificial intelligence))[\W_]{0,8}$",
        re.I,
    )),
    _Rule(DATE, ("date.zh",), re.compile(r"(?<![0-9])(?:0?2月(?:30|31)|(?:0?[469]|11)月31)日")),
    _Rule(DATE, ("date.iso",), re.compile(r"(?<![0-9])[12][0-9]{3}-(?:02-3[01]|(?:04|06|09|11)-31)(?![0-9])")),
    _Rule(DATE, ("date.en",), re.compile(r"\b(?:February (?:30|31)|(?:April|June|September|November) 31)(?:st|th)?\b(?![0-9])")),
)  # fmt: skip
_ON: Final = tuple((TRIGGERS.mask(*rule.triggers), rule) for rule in _RULES)
"""Each with the bits of the triggers on whose lines it is tried."""
EVERY: Final = (1 << 63) - 1


class Mark(NamedTuple):
    """A mark in a line: [start, end), characters of the line; *detail*: a closed word, such as the maker that is named."""

    kind: str
    start: int
    end: int
    detail: str | None = None


def marks_in(line: str, triggers: int = EVERY) -> tuple[Mark, ...]:
    """The marks in a line but for implicit labels, which span lines (`labels.labels_in`); one a kind, the first.

    *triggers*: bits of the triggers that the line holds, as the scan tells them.
    """
    first: dict[str, Mark] = {}
    for bits, rule in _ON:
        if not bits & triggers or not any(word in line for word in rule.needs):
            continue
        match = next((one for one in rule.expression.finditer(line) if not _is_quoted(rule, line, one)), None)
        if match is None or (rule.names is _VENDORS and not _A_MACHINE.search(match.group())):
            continue
        if rule.kind not in first or match.start() < first[rule.kind].start:
            first[rule.kind] = Mark(rule.kind, *match.span(), _who(match, rule.names))
    return tuple(sorted(first.values(), key=lambda mark: (mark.start, mark.kind)))


def _is_quoted(rule: _Rule, line: str, match: re.Match[str]) -> bool:
    """Whether a label for readers stands right behind an opening quotation mark: talk of such a label, or a program's string."""
    return rule.kind == VISIBLE and line[match.start() - 1 : match.start()] in _QUOTES


def _who(match: re.Match[str], names: tuple[tuple[str, str], ...]) -> str | None:
    """The maker whose name a match holds."""
    said = (name for name, value in match.groupdict().items() if value is not None)
    return next((names[int(name[1:])][0] for name in said), None)
