"""Forms of confidentiality markings, and how a line is told to be one: a line of its own, of the form, where such lines stand.

State secrets: the Law on Guarding State Secrets (2024) has every carrier and electronic document marked, and nothing else so
(Art. 22); the form, level ★ period at the head of the first page (``机密★10年``), is of GB/T 9704-2012, from memory. Exam papers
write ``绝密★启用前`` by custom, mock papers too: counted apart. For trade secrets no law gives a form.
"""

import re
from typing import Final, NamedTuple

from checks.triggers import PatternSet

STATE_SECRET, EXAM, INTERNAL, TRADE_SECRET, PROPRIETARY, HOST = KINDS = (
    "state-secret", "exam-paper", "internal", "trade-secret", "proprietary", "internal-host",
)  # fmt: skip
EDGE_LINES: Final = 5
"""A bare word (机密, CONFIDENTIAL) is a marking in so many lines from the head or the foot of a record that are not blank."""
LONGEST_MARK: Final = 80
"""Characters of a line that is nothing but a marking; a notice may be longer."""

_OPEN: Final = r"(?:[ \t\[(<*#=_-]|\xe3\x80\x80|\xe3\x80\x90|\xef\xbc\x88|\xe3\x80\x8a|\xe2\x80\xbb|\xe2\x98\x85){0,6}"
_LEVEL: Final = "(?:绝密|絕密|机密|機密|秘密)"
TRIGGERS: Final = PatternSet(
    (
        ("level.line", f"^{_OPEN}{_LEVEL}"),
        ("level.star", f"{_LEVEL}(?:[ ]|　){{0,2}}(?:★|☆|\\*|▲)"),
        ("level.said", "密(?:级|級)(?:[ ]|　){0,2}(?:：|:)"),
        ("internal", f"^{_OPEN}(?:内部|內部|仅供内部|僅供內部|仅限内部|僅限內部|工作秘密)"),
        ("internal.said", "注意保密|严禁外传|嚴禁外傳|请勿外传|請勿外傳|不得外传|不得外傳"),
        ("trade", f"^{_OPEN}(?:商业秘密|商業秘密|商业机密|商業機密|公司机密|公司機密|核心商密|普通商密|本文件包含|本文档包含)"),
        ("capitals", "CONFIDENTIAL|TOP SECRET|PROPRIETARY|SECRET//|//NOFORN|INTERNAL USE"),
        ("notice", "(?i)confidential and proprietary|proprietary and confidential|strictly confidential|for internal use only"
         "|commercial in confidence|contains confidential|contains proprietary|company confidential"),
        ("line.english", f"^{_OPEN}(?i:confidential|internal use only|trade secret)"),
        ("host", r"(?i)\.corp[:/]|\.internal[:/]|\.intranet[:/]|://intranet[./:]"),
    )
)  # fmt: skip
"""In every line that holds a marking; the expressions below read those lines alone."""

_PERIOD: Final = r"(?:\s*(?:\d{1,3}\s*(?:年|个月|個月)|长期|長期|[一二三五十]{1,3}年|启用前|啟用前|解密前))?"
_DECORATED: Final = " \t\u3000*#=_-<>[]()（）【】《》※〔〕「」|.。·:：~—"
_STARRED: Final = re.compile(rf"{_LEVEL}[ \u3000]{{0,2}}[★☆*▲]{_PERIOD}")
_EXAM: Final = re.compile(
    "(?:绝密|絕密|机密|機密)[ \u3000]{0,2}[★☆*▲]?[ \u3000]{0,2}(?:启用前|啟用前|考试结束前|考試結束前)"
)
_SAID: Final = re.compile(rf"(?:文件)?密[级級][ \u3000]{{0,2}}[：:][ \u3000]{{0,2}}{_LEVEL}(?:[★☆*▲]?{_PERIOD})")
_BARE: Final = re.compile(_LEVEL)
_INTERNAL: Final = re.compile(
    r"工作秘密[ \u3000]{0,2}(?:[★▲*].{0,12})?|(?:公司|单位|單位|仅供|僅供|仅限|僅限)?[内內]部(?:资料|資料|文件|材料|使用|参考|參考|传阅|傳閱|绝密|机密)"
    r"(?:[ \u3000，,、；;。.!！·|—-]*(?:注意保密|注意保存|严禁外传|嚴禁外傳|请勿外传|請勿外傳|不得外传|不得外傳|切勿外传|禁止外传|请勿转发|妥善保管|使用))*"
)
_INTERNAL_STRONG: Final = re.compile("保密|外传|外傳|转发")
_INTERNAL_EN: Final = re.compile(
    r"(?:for )?internal use only(?:[ ,;:.—-]*(?:do not (?:distribute|forward|share).{0,40}))?", re.I
)
_TRADE: Final = re.compile(
    r"(?:核心商密|普通商密)[ \u3000]{0,2}[★▲*]?(?:\s*\d{1,2}\s*年)?|商[业業](?:秘密|机密|機密)|公司(?:机密|機密)|trade secrets?",
    re.I,
)
_TRADE_NOTICE: Final = re.compile(
    r"本(?:文件|文档|文檔|资料|資料).{0,20}(?:包含|含有|属于|屬於).{0,20}(?:商[业業](?:秘密|机密|機密)|保密信息).{0,80}(?:不得|严禁|嚴禁|禁止|请勿)"
)
_BARE_EN: Final = re.compile(
    r"(?:company |strictly |highly |commercial(?:ly)? )?confidential(?: information| document| draft)?(?:[ ,;:.—-]*(?:do not (?:copy|distribute|forward|share).{0,40}|internal use only))?"
    r"|commercial in confidence", re.I,
)  # fmt: skip
_PROPRIETARY: Final = re.compile(
    r"(?:.{1,40}[ ,|—-]+)?(?:confidential (?:and|&) proprietary|proprietary (?:and|&) confidential)(?: information| material)?(?:[ ,;:.—-]*(?:of|to) .{1,40})?(?:[ ,;:.—-]*(?:do not|all rights|©).{0,60})?",
    re.I,
)
_NOTICE_EN: Final = re.compile(
    r"this (?:document|file|email|e-mail|message|material|presentation|software|page)\b.{0,60}\bcontains? (?:\w+ ){0,3}?(?:confidential|proprietary)\b.{0,200}"
    r"\b(?:may not|must not|shall not|not be|is prohibited|are prohibited|without (?:the )?(?:prior |express )?(?:written )?(?:consent|permission|authori[sz]ation))",
    re.I,
)
_BANNER_EN: Final = re.compile(r"(?:TOP SECRET|SECRET|CONFIDENTIAL)(?:\s*//\s*[A-Z][A-Z ,/-]{1,60})+")
_HOST: Final = re.compile(
    r"(?:\b[a-z][a-z0-9+.-]{1,12}://)(?:[^\s/@]{1,64}@)?(?P<host>[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:corp|internal|intranet)|intranet(?:\.[a-z0-9-]+)*)(?=[:/\s\"'<>)\]]|$)"
    r"|(?<![\w./-])(?P<bare>[a-z0-9-]+(?:\.[a-z0-9-]+)+\.(?:corp|intranet))(?=[:/])",
    re.I,
)
_PUBLIC_HOSTS: Final = (
    "metadata.google.internal",
    "docker.internal",
    "compute.internal",
    "ec2.internal",
    "containers.internal",
    "lima.internal",
)
"""Names that public documents give for machines of everybody's own: no company's."""


class Mark(NamedTuple):
    """A marking in a line: [start, end), characters of the line."""

    kind: str
    start: int
    end: int


def marks_in(line: str, *, at_edge: bool) -> tuple[Mark, ...]:
    """The markings in a line; *at_edge*: it is one of the first or last lines of its record. None: a mere mention.

    A marking is the whole line but for brackets, stars and the like, or a notice that forbids passing on; hosts stand anywhere.
    """
    found = [
        Mark(HOST, *match.span("host" if match["host"] else "bare"))
        for match in _HOST.finditer(line)
        if not _is_public(match)
    ]
    bare = line.strip(_DECORATED)
    start = line.find(bare) if bare else 0
    kind = _kind(bare, at_edge=at_edge) if bare else None
    if kind is not None:
        found.insert(0, Mark(kind, start, start + len(bare)))
    elif notice := _TRADE_NOTICE.search(line):
        found.insert(0, Mark(TRADE_SECRET, *notice.span()))
    elif notice := _NOTICE_EN.search(line):
        found.insert(0, Mark(PROPRIETARY, *notice.span()))
    return tuple(found)


def _kind(bare: str, *, at_edge: bool) -> str | None:
    """What a line that is nothing but *bare* marks."""
    if len(bare) > LONGEST_MARK:
        return None
    if _EXAM.match(bare):  # 绝密★启用前 2024年普通高等学校招生全国统一考试
        return EXAM
    if _STARRED.fullmatch(bare) or _SAID.fullmatch(bare) or _BANNER_EN.fullmatch(bare):
        return STATE_SECRET
    if at_edge and (_BARE.fullmatch(bare) or bare == "TOP SECRET"):
        return STATE_SECRET
    if (_INTERNAL.fullmatch(bare) and (at_edge or _INTERNAL_STRONG.search(bare))) or _INTERNAL_EN.fullmatch(bare):
        return INTERNAL
    if at_edge and _TRADE.fullmatch(bare):
        return TRADE_SECRET
    if _PROPRIETARY.fullmatch(bare) or (at_edge and _BARE_EN.fullmatch(bare)):
        return PROPRIETARY
    return None


def _is_public(match: re.Match[str]) -> bool:
    host = (match["host"] or match["bare"]).lower()
    return any(host == one or host.endswith(f".{one}") for one in _PUBLIC_HOSTS)
