"""The small kit corpus of RECORD batches that every check's laws and version goldens look at; nothing is random."""

from typing import Any

import pyarrow as pa

from tests.kit.records import address, luhn, records, resident_id

Row = dict[str, Any]


def kit_corpus() -> dict[str, pa.RecordBatch]:
    """Name -> batch: English, Chinese, code, chat with roles, a slice, nulls, other scripts, damage, personal values."""
    english = records(_english())
    return {
        "en": english,
        "zh": records(_chinese(), first_row=40),
        "code": records(_code()),
        "chat": records(_chat()),
        "sliced": english.slice(1, 3),
        "null-heavy": records([{"text": t} for t in ("", " \n\t", "好", "x", "", "\n\n")]),
        "scripts": records([{"text": text} for text in _SCRIPTS]),
        "damaged": records([{"text": text} for text in _DAMAGED]),
        "personal": records(_personal()),
        "licensed": records(_licensed()),
        "empty": records([]),
    }


_PROSE = (
    "The keeper of the archive wrote down what came in with every delivery, and that is why the shelves can still be "
    "read today. To have a list is to be able to ask; to have none is to guess.\n\nNobody guesses here."
)
_TALE = (
    "A lamp stood in the window of the harbour office. Ships that came late found it, and those that left early took "
    "the sight of it with them as far as the second bell, or so the pilots said of the old days."
)
_ZH_HANS = (
    "档案员每天登记收到的每一份材料，写明它从哪里来、由谁提供、允许怎样使用。没有登记的材料不得上架。\n"
    "这样做并不快，但是多年以后仍然有人能够回答：这批数据里有没有我的东西？"
)
_ZH_HANT = (
    "檔案員每天登記收到的每一份材料，寫明它從哪裡來、由誰提供、允許怎樣使用。沒有登記的材料不得上架，這是館裡的規矩。"
)


def _english() -> list[Row]:
    return [
        {"text": _PROSE, "url": "https://www.archive.example.co.uk/a?x=1", "collected_at": "2023-08-15T00:00:00Z",
         "declared_licence": "CC-BY-4.0", "author": "Kit Archive"},
        {"text": _TALE, "url": "http://192.0.2.7/tale", "collected_at": "2021"},
        {"text": _TALE, "url": "www.harbour.example.org/tale", "collected_at": "last spring", "meta": '{"lang": "en"}'},
        {"text": "Short.", "url": "not a url", "declared_licence": "  "},
        {"text": _PROSE + "\n" + _TALE, "url": "https://" + "8" * 11 + ".com/", "collected_at": "20220131"},
    ]  # fmt: skip


def _chinese() -> list[Row]:
    return [
        {"text": _ZH_HANS, "url": "https://档案.中国/目录", "collected_at": "2023年8月15日", "author": "资料室"},
        {"text": _ZH_HANT, "url": "https://www.gov.cn/zhengce/a.htm", "collected_at": "2019/7/1"},
        {"text": "２０２３年，共收录 1,204 份文件（其中 3 份无来源）。", "declared_licence": "知识共享 署名 4.0"},
        {"text": "使用 Transformers 库加载模型，然后在 GPU 上微调；参数见下表。\n| 学习率 | 2e-5 |\n| 轮数 | 3 |"},
        {"text": _ZH_HANS + _ZH_HANT},
    ]


def _code() -> list[Row]:
    python = (
        '# SPDX-License-Identifier: MIT\nimport os\n\n\ndef listed(folder):\n    """Names of the files in folder."""\n'
        "    return sorted(name for name in os.listdir(folder) if not name.startswith('.'))\n"
    )
    css = ".a{margin:0;padding:0}.b>.c{color:#fff;border:1px solid #000}@media(max-width:9em){.a{margin:1em}}" * 3
    return [{"text": python}, {"text": css}, {"text": '{"a": [1, 2, 3], "b": {"c": -0.5e3, "d": null}}\n' * 4}]


def _chat() -> list[Row]:
    turns = (
        ("system", "Answer in the user's language."),
        ("user", "数据从哪里来？"),
        ("assistant", "来自登记过的来源。"),
    )
    text, spans, at = "\n".join(words for _, words in turns), [], 0
    for number, (role, words) in enumerate(turns):
        spans.append({"role": role, "path": f"messages[{number}].content", "start": at, "end": at + len(words)})
        at += len(words) + 1
    return [{"text": text, "roles": spans}, {"text": "alone", "roles": []}, {"text": "no roles at all", "roles": None}]


_SCRIPTS = (
    "Ceci est un texte assez long pour que l'on reconnaisse sa langue sans la moindre hésitation, café compris.",
    "Dies ist ein längerer Satz, an dem sich die Sprache ohne große Mühe erkennen lässt.",
    "Это достаточно длинное предложение, чтобы язык можно было определить без труда.",
    "これは言語を見分けるのに十分な長さの文章です。カタカナも漢字も入っています。",
    "이 문장은 언어를 알아볼 수 있을 만큼 충분히 길게 쓰여 있습니다.",
    "ประโยคนี้ยาวพอที่จะบอกได้ว่าเป็นภาษาไทยโดยไม่ต้องเดา",
    "هذه جملة طويلة بما يكفي لكي تعرف لغتها دون عناء كبير.",
    "यह वाक्य इतना लंबा है कि इसकी भाषा आसानी से पहचानी जा सकती है।",
    "👍🏽 ❤️ ✔️ 1️⃣ \U00020000\U0001f600",
)
_DAMAGED = (
    "ä½\u00a0å¥½ä¸–ç•Œ ä½\u00a0å¥½ä¸–ç•Œ",
    "CafÃ© dÃ©jÃ\u00a0 vu",
    "锟斤拷锟斤拷 烫烫烫烫 屯屯屯",
    "«\u00a0Il a dit\u00a0: “café…”\u00a0»",
    "bell\x07 nul\x00 gone\ufffd mark\ufeff hidden\u200b private\ue000",
    "\ufeffline one\r\nline two\r\n",
    "=" * 300,
)


def _personal() -> list[Row]:
    number, card = resident_id("11010519491231002"), luhn("4" + "2" * 14)
    mobile = "138" + "00138" + "000"
    return [
        {"text": f"联系人身份证号{number}，电话{mobile}，邮箱{address('zhang.san', 'mail.example-kit.cn')}。"},
        {"text": f"Write to {address('first.last')} or from 8.8.8.8; card {card}, thank you."},
        {"text": "nothing here", "url": f"https://www.example.org/u?mail={address('who')}"},
        {"text": "😀" * 5 + f"身份证：{number}\n\n" + "无关" * 20, "author": "somebody"},
        {"text": f"order {number[:-1]} and 1.2.3.4 in version 1.2.3.4, host 10.0.0.1"},
    ]


def _licensed() -> list[Row]:
    by_nc = "https://creativecommons.org/licenses/by-nc/4.0/"
    return [
        {"text": f"Text of this page is under {by_nc} unless stated otherwise.", "declared_licence": "MIT"},
        {"text": "本页面采用知识共享署名-非商业性使用 4.0 国际许可协议进行许可。"},
        {"text": "Permission is hereby granted, free of charge, to any person obtaining a copy of this software and "
                 'associated documentation files (the "Software"), to deal in the Software without restriction.'},
        {"text": "Copyright (c) 2020 The Kit. All rights reserved. 版权所有，未经许可不得转载。"},
        {"text": "// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only\nint main(void) { return 0; }\n",
         "declared_licence": "Apache-2.0"},
        {"text": "A page that links to two licences.", "declared_licence": f"https://creativecommons.org/licenses/by/4.0/ {by_nc}"},
    ]  # fmt: skip
