"""The demo corpus as a value: every file's bytes, with or without the planted cases."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pipelines.demo import containers, lessons, persons
from pipelines.demo.words import Draw, Writing, stock

NC_URL = "https://creativecommons.org/licenses/by-nc/4.0/"
BY_URL = "https://creativecommons.org/licenses/by/4.0/"
OPTED_OUT = "lighthouse.example.net"
"""A host whose robots.txt said no to training on the day of the fetch."""
BLOCKED_SITE = "guayan.example.cn"
"""A host on the demo's list of blocked sites."""
WEB_PART = 45
EXACT_COPIES = 4
NEAR_COPIES = 3


@dataclass(frozen=True)
class Planted:
    """One case that the demo must find. *place*: where it lies; *count*: records (files for whole-file cases); *fix*: the way out."""

    case: str
    place: str
    count: int
    fix: str


PLANTED = (
    Planted(
        "unregistered source",
        "corpus/incoming/forum.jsonl",
        1,
        "describe it in sources/forum-en.yaml, or take the file away",
    ),
    Planted("identity number", "corpus/chat-zh/dialogues.jsonl", 1, "remove the number from the dialogue"),
    Planted("mobile number", "corpus/chat-zh/dialogues.jsonl", 1, "remove the number from the dialogue"),
    Planted("mail address", "corpus/chat-zh/dialogues.jsonl", 1, "remove the address from the dialogue"),
    Planted("card number", "corpus/chat-zh/dialogues.jsonl", 1, "remove the number from the dialogue"),
    Planted("host address", "corpus/web-en/part-1.jsonl", 1, "remove the address from the page"),
    Planted("CC BY-NC page", "corpus/web-zh/pages.warc.gz", 1, "take the page out, or ask its author for permission"),
    Planted(
        "page of a site that said no",
        "corpus/web-en/part-1.jsonl",
        1,
        "take the page out, or name the contract with the site under optouts.contracts of run.yaml",
    ),
    Planted("page of a blocked site", "corpus/web-zh/pages.warc.gz", 1, "take the page out"),
    Planted(
        "restricted prompts",
        "corpus/instruct/tasks.jsonl",
        len(lessons.TAKEN),
        "take the rows out, or ask the author of the restricted set for permission",
    ),
    Planted(
        "exact copies", "corpus/dolma-en/docs.jsonl.zst", EXACT_COPIES, "drop the copies; release keeps one of each"
    ),
    Planted(
        "near copies", "corpus/web-en/part-1.jsonl", NEAR_COPIES, "drop the copies once near duplicates are looked for"
    ),
    Planted("broken line", "corpus/web-en/part-0.jsonl", 1, "mend or remove the line"),
    Planted("truncated gzip", "corpus/web-en/part-2.jsonl.gz", 1, "fetch the file again"),
    Planted("picture", "corpus/notes/map.png", 1, "move the picture out of the corpus"),
    Planted(
        "missing review",
        "sources/catalogue-en.yaml",
        1,
        "let somebody review the source, and write down who, when and what",
    ),
)


def corpus_files(planted: bool) -> dict[str, bytes]:
    """Path below the demo's folder -> bytes. *planted* False: the corpus after every fix."""
    files: dict[str, bytes] = {}
    files |= _web_en(planted)
    files["corpus/web-zh/pages.warc.gz"] = containers.warc(pages_zh(planted))
    files["corpus/laws-zh/rules.parquet"] = containers.parquet([*_rules_zh()])
    files["corpus/instruct/tasks.jsonl"] = containers.jsonl(_tasks(planted))
    files["corpus/chat-zh/dialogues.jsonl"] = containers.jsonl(_dialogues(planted))
    files |= _notes()
    files |= _source_tree()
    files["corpus/catalogue/items.csv"] = containers.comma_separated([*_items()])
    files["corpus/dolma-en/docs.jsonl.zst"] = containers.zst(containers.jsonl(_dolma(planted)))
    files["corpus/incoming/forum.jsonl"] = containers.jsonl(
        {"text": stock("en").writing(f"forum/{i}").text} for i in range(6)
    )
    if planted:
        files["corpus/notes/map.png"] = containers.png(24, (70, 110, 90))
    return files


def pages_en(planted: bool) -> list[list[dict[str, str]]]:
    """The English pages, file by file, before a line is broken or a file cut short."""
    parts = [[_web_page(f"web-en/{part}/{i}") for i in range(WEB_PART)] for part in range(3)]
    if planted:
        parts[1][3]["text"] += f"\nThe page is served from {persons.host_address()} on weekdays."
        for i in range(NEAR_COPIES):
            parts[1].append(
                {
                    **parts[1][10 + i],
                    "text": _almost(parts[1][10 + i]["text"]),
                    "url": f"https://mirror.example.org/{i}",
                }
            )
        parts[1].append({**_web_page("web-en/opted-out"), "url": f"https://{OPTED_OUT}/keepers"})
    return parts


def _web_en(planted: bool) -> dict[str, bytes]:
    parts = pages_en(planted)
    lines = containers.jsonl(parts[0]).splitlines(keepends=True)
    if planted:
        lines[20] = lines[20][: len(lines[20]) // 2] + b"\n"  # cut in the middle, as a full disk leaves it
    last = containers.gz(containers.jsonl(parts[2]))
    return {
        "corpus/web-en/part-0.jsonl": b"".join(lines),
        "corpus/web-en/part-1.jsonl": containers.jsonl(parts[1]),
        "corpus/web-en/part-2.jsonl.gz": last[: len(last) * 2 // 3] if planted else last,
    }


def _web_page(seed: str) -> dict[str, str]:
    draw = Draw(f"{seed}/page")
    host = draw.one(("tides.example.org", "gardens.example.org", "branchline.example.net", "reading-room.example.org"))
    date = f"2026-{1 + draw.below(6):02d}-{1 + draw.below(28):02d}"
    return {"url": f"https://{host}/{seed.replace('/', '-')}", "date": date, "text": stock("en").writing(seed).text}


def _almost(text: str) -> str:
    """The same text with one word more at its end, as a mirror's footer adds it."""
    return f"{text} Mirrored."


def pages_zh(planted: bool) -> Iterator[tuple[str, str, bytes, str]]:
    """The Chinese pages: url, ISO time, HTML, charset."""
    for i in range(49 if planted else 48):
        writing, day = stock("zh").writing(f"web-zh/{i}"), 1 + i % 28
        footer, charset = f'<a rel="license" href="{BY_URL}">知识共享 署名 4.0</a>', "utf-8"
        if i == 17:
            if not planted:
                continue
            footer = (
                f'除非另有声明，本页内容采用<a rel="license" href="{NC_URL}">知识共享 署名-非商业性使用 4.0</a>许可。'
            )
        if i == 29:
            charset = "gb18030"  # as many older sites send it
        host = ("chaxiang.example.cn", "dukou.example.cn", "zaoshi.example.com")[i % 3]
        if i == 48:
            host = BLOCKED_SITE
        html = containers.page(writing.title, writing.body.split("\n"), "zh-CN", footer, charset)
        yield f"https://{host}/{i}.html", f"2026-05-{day:02d}T08:00:00Z", html, charset


def _rules_zh() -> Iterator[dict[str, str]]:
    subjects = ("公园", "渡口", "集市", "图书室", "水库堤坝", "乡村道路", "公共水井", "茶山防火", "路灯", "文物碑刻")
    duties = (
        "{地}设{物}管理员一名，由当地居民推举，任期{数}年。",
        "每日开放时间由管理员公布；遇有{天}，可以提前关闭，并在入口处张贴告示。",
        "任何人不得损坏设施。损坏的，应当在{数}日内修复或者照价赔偿。",
        "禁止在{物}周围{大}步内焚烧垃圾、堆放杂物。",
        "管理员应当每月巡查{数}次以上，并逐次记录；记录保存{数}年。",
        "居民对管理有意见的，可以向管理员书面提出，管理员应当在{数}日内答复。",
        "维护经费由{地}公共账目列支，每年{月}公布一次收支。",
        "对爱护设施表现突出的个人，可以给予表彰。",
        "违反本办法规定，屡次劝阻不听的，由{地}议事会处理。",
    )
    slots = stock("zh").slots
    for i in range(40):
        draw, subject = Draw(f"laws-zh/{i}"), subjects[i % len(subjects)]
        place = draw.one(slots["地"])
        lines = [f"第一条 为了规范{place}{subject}的使用和维护，方便居民，制定本办法。"]
        for number, duty in zip("二三四五六七八", draw.some(duties, 5 + draw.below(3)), strict=False):
            words = {"地": place, "物": subject, **{slot: draw.one(slots[slot]) for slot in ("数", "天", "大", "月")}}
            lines.append(f"第{number}条 {duty.format(**words)}")
        title = f"{place}{subject}管理办法（示例）"
        yield {"title": title, "body": f"{title}\n" + "\n".join(lines), "issued": f"20{10 + i % 15}-07-01"}


def _tasks(planted: bool) -> Iterator[dict[str, str]]:
    asks = {
        "en": (
            "Write a short piece titled “{}”.",
            "Tell a visitor about this: {}",
            "Answer in a few calm sentences: {}",
        ),
        "zh": ("写一段短文，题目是《{}》。", "给外地来的朋友讲一讲：{}", "用几句平实的话说明：{}"),
    }
    for i in range(60):
        language = ("zh", "en")[i % 2]
        writing = stock(language).writing(f"tasks/{i}")
        hint = writing.lines[0] if i % 5 == 0 else ""
        yield {
            "instruction": Draw(f"tasks/{i}/ask").one(asks[language]).format(writing.title),
            "input": hint,
            "output": writing.body,
        }
    for i, prompt in enumerate(lessons.taken_prompts() if planted else ()):
        yield {"instruction": prompt, "input": "", "output": stock(("en", "zh")[i]).writing(f"tasks/taken/{i}").body}


def _dialogues(planted: bool) -> Iterator[dict[str, list[dict[str, str]]]]:
    private = {
        6: f"我的身份证号{persons.identity_number()}没有错，请帮我登记借书证",
        13: f"有事打我手机{persons.mobile_number()}就行，白天都在",
        21: f"照片发到我邮箱{persons.mail_address('lin.yue')}吧，谢谢",
        30: f"押金从卡{persons.card_number()}里扣，可以吗",
    }
    for i in range(40):
        writing = stock("zh").writing(f"chat-zh/{i}")
        question = f"想问问{writing.title}是怎么回事？"
        if planted and i in private:
            question += private[i] + "。"
        half = (len(writing.lines) + 1) // 2
        said = (question, "".join(writing.lines[:half]), "还有别的要注意吗？", "".join(writing.lines[half:]))
        roles = ("user", "assistant", "user", "assistant")
        yield {"messages": [{"role": role, "content": content} for role, content in zip(roles, said, strict=True)]}


def _notes() -> dict[str, bytes]:
    files = {}
    for i in range(24):
        writing = stock(("en", "zh")[i % 2]).writing(f"notes/{i}")
        if i % 3 == 0:
            files[f"corpus/notes/{i:02d}.txt"] = f"{writing.text}\n".encode()
        else:
            files[f"corpus/notes/{i:02d}.md"] = _markdown(writing).encode()
    return files


def _markdown(writing: Writing) -> str:
    points = "\n".join(f"- {line}" for line in writing.lines[2:])
    return f"# {writing.title}\n\n{writing.joint.join(writing.lines[:2])}\n\n{points}\n"


def _source_tree() -> Mapping[str, bytes]:
    names = ("tide", "ledger", "kettle", "gauge", "signal", "compost", "spoke", "catalogue", "barometer", "ferry")
    files = {
        "corpus/code/LICENSE.txt": b"SPDX-License-Identifier: Apache-2.0\n\nThe whole tree is the demo's own work.\n"
    }
    for i, name in enumerate(names):
        licence = "MIT" if i % 4 == 3 else "Apache-2.0"
        comment = stock("en").writing(f"code/{name}").lines
        if i % 2:
            header, path = f"// SPDX-License-Identifier: {licence}\n", f"corpus/code/src/{name}.c"
            body = "".join(f"// {line}\n" for line in comment)
            body += f"int {name}_level(int now, int before) {{\n    return now > before ? now - before : before - now;\n}}\n"
        else:
            header, path = f"# SPDX-License-Identifier: {licence}\n", f"corpus/code/{name}.py"
            body = f'"""{comment[0]}"""\n\n' + "".join(f"# {line}\n" for line in comment[1:])
            body += f"\n\ndef {name}_level(now: int, before: int) -> int:\n    return abs(now - before)  # {name}\n"
        files[path] = (header + body).encode()
    return files


def _items() -> Iterator[dict[str, str]]:
    for i in range(40):
        writing = stock("en").writing(f"catalogue/{i}")
        yield {
            "item": f"K{1000 + i}",
            "name": writing.title,
            "description": "\n".join(writing.lines),
            "year": str(1990 + i % 35),
        }


def _dolma(planted: bool) -> Iterator[dict[str, object]]:
    texts = [stock("en").writing(f"dolma/{i}").text for i in range(60)]
    if planted:  # the same pages under another roof
        texts += [_web_page(f"web-en/1/{20 + i}")["text"] for i in range(EXACT_COPIES)]
    for i, text in enumerate(texts):
        metadata = {"url": f"https://archive.example.org/{i}", "length": len(text)}
        yield {
            "id": f"doc-{i}",
            "text": text,
            "source": "archive",
            "added": "2026-04-02",
            "created": "2026-03-30",
            "metadata": metadata,
        }
