"""A run with all four lists, some record for each thing that a list may say; canaries stand where a value must not be kept."""

import hashlib
import hmac
from pathlib import Path
from typing import Final

from tests.kit.command import RUN_YAML, lines, write_run

KEY = b"k" * 32
KEY_ID = hashlib.sha256(b"corpusledger key id" + KEY).hexdigest()[:16]
PHONE, MAIL = "138" + "12345678", "li.na@" + "example.com"
LIVE, AGAIN, GONE, OVER, OTHER, LATER, STRANGER = (f"用户-{n}-canary" for n in "甲乙丙丁戊己庚")
SOURCES = {
    "chat": "class: user-input\npaths: [corpus/chat.jsonl]\ncolumns: {text: text, author: uid}\n",
    "web": "class: self-collected\npaths: [corpus/web.jsonl]\ncolumns: {text: text, url: url, author: by}\n",
}
SAID = "请问这批数据从哪里来？档案员每天登记收到的每一份材料，写明它从哪里来、由谁提供、允许怎样使用。"
TAKEN = "这一条记录已经收到下架通知。"
CHAT = [LIVE, AGAIN, GONE, OVER, OTHER, LATER, STRANGER, "  ", None, LIVE]
WEB = [
    {"text": "甲站的一页", "url": "https://news.blocked.example.com.cn/a"}, {"text": "乙站的一页", "url": "https://notblocked.example.com.cn/"},
    {"text": "文档", "url": "http://屏蔽.中国/目录"}, {"text": "丙", "url": "https://only.host.example.org:8443/x"},
    {"text": "丁", "url": "https://a.only.host.example.org/x"}, {"text": "戊", "url": "https://host.example.org/x"},
    {"text": f"请致电{PHONE}联系"}, {"text": f"write to {MAIL.upper()} soon"}, {"text": "己", "by": "王小明"}, {"text": TAKEN},
    {"text": "庚", "by": "李四 " + PHONE}, {"text": "无事"},
]  # fmt: skip


WORDS: Final = [
    "登记",
    "上架",
    "回答",
    "来源",
    "许可",
    "共享",
    "文件",
    "作者",
    "项目",
    "年份",
    "城市",
    "河流",
    "桥梁",
    "火车",
    "邮局",
    "图书",
    "音乐",
    "电影",
    "天气",
    "海洋",
]
"""So that no record is nearly another."""


def made(entity: str, value: str) -> str:
    """A fingerprint under KEY, in hexadecimal digits."""
    return hmac.new(KEY, f"{entity}\0{value}".encode(), hashlib.sha256).digest()[:16].hex()


def agreed(user: str, granted: str, withdrawn: str = "", until: str = "", purpose: str = "training") -> str:
    """A row of the ledger of authorisations."""
    return f"{made('AUTHOR', user)},{purpose},v1,{granted},{withdrawn},{until}"


LEDGER = f"# version: 2026-47\n# as_of: 2026-11-20\n# key_id: {KEY_ID}\n" + "\n".join([
    "user,purpose,agreement,granted,withdrawn,retain_until", agreed(LIVE, "2026-01-01", until="2026-11-22"),
    agreed(AGAIN, "2025-01-01", "2025-06-01"), agreed(AGAIN, "2025-06-02", purpose="pre-training"),
    agreed(GONE, "2026-01-01"), agreed(GONE, "2026-02-01", "2026-11-22"), agreed(OVER, "2026-01-01", until="2026-11-21"),
    agreed(OTHER, "2026-01-01", purpose="客服"), agreed(LATER, "2026-11-23"),
]) + "\n"  # fmt: skip
LISTS = {
    "authorisations.csv": LEDGER,
    "refusals.txt": f"# version: 3\n# as_of: 2026-11-21\n# key_id: {KEY_ID}\n{made('CN_MOBILE', '+86' + PHONE)}\n"
    f"{made('EMAIL_ADDRESS', MAIL)}\n{made('AUTHOR', '王小明')}  # by name\n",
    "blocked.txt": "# version: 9\n# as_of: 2026-10-22\nblocked.example.com.cn\n屏蔽.中国\n*.only.host.example.org\n",
    "takedowns.txt": hashlib.sha256(TAKEN.encode()).hexdigest() + "\n",
}
NAMED = """\
as_of: 2026-11-22
keys: {hmac: keys/hmac.key}
lists:
  authorisations: lists/authorisations.csv
  refusals: {path: lists/refusals.txt, max_age_days: 1}
  blocked_domains: {path: lists/blocked.txt, max_age_days: 31}
  takedowns: {path: lists/takedowns.txt, version: first}
"""

NAMED_RUN = (
    RUN_YAML
    + """\
as_of: DAY
keys: {hmac: keys/hmac.key}
lists: {authorisations: lists/authorisations.csv}
"""
)


def prepared(folder: Path, more: str = NAMED, **lists: str) -> Path:
    """The run with its corpus, key and lists; *lists*: other text of a list, `blocked_txt` for blocked.txt."""
    files = {
        "chat.jsonl": lines(
            *({"text": f"{SAID[n : n + 9]}{WORDS[n] * 3}{WORDS[-n] * 2}", "uid": user} for n, user in enumerate(CHAT))
        ),
        "web.jsonl": lines(*WEB),
    }
    run = write_run(folder, SOURCES, files, more)
    (folder / "keys").mkdir()
    (folder / "keys/hmac.key").write_bytes(KEY)
    (folder / "lists").mkdir()
    for name, text in {**LISTS, **{k.replace("_", "."): v for k, v in lists.items()}}.items():
        (folder / "lists" / name).write_text(text, encoding="utf-8")
    return run
