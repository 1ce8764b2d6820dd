"""Restricted notices are never read as permitted: hand-written ones, Chinese and English, in every position, under any tag."""

import pytest

from checks.licence import Licence
from checks.licence.uses import more_permissive, resolve
from tests.kit.records import records

NOTICES = [
    # what a page, a header or a README says; what it comes to
    ("This dataset is licensed under CC BY-NC 4.0.", "CC-BY-NC-4.0"),
    ("This work is licensed under a Creative Commons Attribution-NonCommercial-ShareAlike 4.0 International License.", "CC-BY-NC-SA-4.0"),
    ("Licensed under the Creative Commons Attribution-NoDerivatives 4.0 International Public License", "CC-BY-ND-4.0"),
    ("The data is released under the CC BY-NC-ND 3.0 license", "CC-BY-NC-ND-3.0"),
    ("本作品采用知识共享署名-非商业性使用 4.0 国际许可协议进行许可。", "CC-BY-NC-4.0"),
    ("本数据集采用 CC BY-NC-SA 4.0 许可协议发布", "CC-BY-NC-SA-4.0"),
    ("本作品采用知识共享署名-禁止演绎 4.0 国际许可协议进行许可", "CC-BY-ND-4.0"),
    ("This dataset is for research purposes only.", "LicenseRef-research-only"),
    ("For non-commercial research use only.", "LicenseRef-research-only"),
    ("The data may only be used for academic research.", "LicenseRef-academic-only"),
    ("Use of this corpus is limited to non-commercial research.", "LicenseRef-research-only"),
    ("Commercial use is strictly prohibited.", "LicenseRef-non-commercial"),
    ("You may not use this material for commercial purposes.", "LicenseRef-non-commercial"),
    ("Free for non-commercial use.", "LicenseRef-non-commercial"),
    ("Not for commercial use", "LicenseRef-non-commercial"),
    ("This content may not be used to train artificial intelligence models.", "LicenseRef-no-training"),
    ("Use of our content for AI training is prohibited.", "LicenseRef-no-training"),
    ("You may not use this website for text and data mining or to train large language models without our permission", "LicenseRef-no-training"),
    ("NO AI TRAINING", "LicenseRef-no-training"),
    ("None of the images may be used for training generative AI.", "LicenseRef-no-training"),
    ("All rights, including for text and data mining, AI training, and similar technologies, are reserved.", "LicenseRef-no-training"),
    ("The publisher expressly reserves its rights in respect of text and data mining.", "LicenseRef-no-training"),
    ("We opt out of text and data mining under article 4 of the directive.", "LicenseRef-no-training"),
    ("No part of this corpus may be used\nto train artificial intelligence technologies.", "LicenseRef-no-training"),
    ("No content of this site may be used for commercial purposes.", "LicenseRef-non-commercial"),
    ("No part of this publication may be reproduced without prior written permission of the publisher.", "LicenseRef-no-repost"),
    ("This article may not be republished, rewritten or redistributed.", "LicenseRef-no-repost"),
    ("Do not redistribute.", "LicenseRef-no-repost"),
    ("© 2021 Example Corp. All rights reserved.", "LicenseRef-all-rights-reserved"),
    ("Scraping or crawling of this site is not permitted.", "LicenseRef-no-crawl"),
    ("Copyright (c) 2023. Released under the BigScience OpenRAIL-M license.", "LicenseRef-OpenRAIL"),
    ("This model is licensed under the CreativeML OpenRAIL-M license", "LicenseRef-CreativeML-OpenRAIL-M"),
    ("Llama 2 is licensed under the LLAMA 2 Community License, Copyright (c) Meta Platforms, Inc.", "LicenseRef-Llama-2"),
    ("Built with Meta Llama 3. Licensed under the Meta Llama 3 Community License", "LicenseRef-Llama-3"),
    ("Use of Gemma is subject to the Gemma Terms of Use, ai.google.dev/gemma/terms", "LicenseRef-Gemma"),
    ("license: cc-by-nc-4.0", "CC-BY-NC-4.0"),
    ("license: llama2", "LicenseRef-Llama-2"),
    ("License: CC BY-NC-ND 4.0", "CC-BY-NC-ND-4.0"),
    ("SPDX-License-Identifier: CC-BY-NC-SA-4.0", "CC-BY-NC-SA-4.0"),
    ("https://creativecommons.org/licenses/by-nc/4.0/", "CC-BY-NC-4.0"),
    ("未经授权不得转载", "LicenseRef-no-repost"),
    ("未经许可，严禁转载、摘编、复制或建立镜像", "LicenseRef-no-repost"),
    ("未经本站书面许可，任何单位和个人不得以任何方式复制、转载本站内容", "LicenseRef-no-repost"),
    ("禁止用于训练", "LicenseRef-no-training"),
    ("本站内容禁止用于人工智能训练", "LicenseRef-no-training"),
    ("不得将本数据集用于大模型预训练或微调", "LicenseRef-no-training"),
    ("严禁将本站内容作为训练语料", "LicenseRef-no-training"),
    ("禁止任何形式的AI训练", "LicenseRef-no-training"),
    ("仅供学习研究使用", "LicenseRef-study-only"),
    ("本资源仅供学习交流，请于下载后24小时内删除", "LicenseRef-study-only"),
    ("本项目仅限学术研究，禁止商用", "LicenseRef-study-only"),
    ("本数据仅用于科研目的", "LicenseRef-study-only"),
    ("禁止商业用途", "LicenseRef-non-commercial"),
    ("请勿用于任何商业目的", "LicenseRef-non-commercial"),
    ("非商业用途免费使用", "LicenseRef-non-commercial"),
    ("未经授权禁止商业使用", "LicenseRef-non-commercial"),
    ("版权所有，侵权必究", "LicenseRef-all-rights-reserved"),
    ("本网站内容著作权归某某公司所有", "LicenseRef-all-rights-reserved"),
    ("禁止爬取本站数据", "LicenseRef-no-crawl"),
    ("谢绝转载", "LicenseRef-no-repost"),
    ("转载请注明出处", "LicenseRef-repost-with-attribution"),
    ("許可：僅供學術研究使用，不得轉載", "LicenseRef-study-only"),
    ("©版权所有 未经允许 请勿转载", "LicenseRef-no-repost"),
    ("All content is copyrighted and may not be\nreproduced without permission.", "LicenseRef-no-repost"),
    ("# This file may not be used for\n# commercial purposes.", "LicenseRef-non-commercial"),
    ("Permission is granted for non-commercial purposes only", "LicenseRef-non-commercial"),
    ("This software is provided for evaluation purposes only.", "LicenseRef-research-only"),
    ("Proprietary and confidential. Unauthorized copying of this file is strictly prohibited.", "LicenseRef-proprietary"),
    ("Licensed under the Qwen Research License Agreement", "LicenseRef-Qwen-Research"),
    ("license: other\nlicense_name: qwen-research", "LicenseRef-Qwen-Research"),
    ("Licensed under the PolyForm Noncommercial License 1.0.0", "PolyForm-Noncommercial-1.0.0"),
    ("Licensed under the Business Source License 1.1", "BUSL-1.1"),
    ("Licensed under the Server Side Public License", "SSPL-1.0"),
]  # fmt: skip
EN = "The quick brown fox jumps over the lazy dog near the river bank and sees a boat.\n"
ZH = "正文讲的是山川与河流，还有许多别的事情。\n"
PLACES = {
    "page footer": lambda notice: "Home News About\n" + EN * 20 + ZH * 20 + notice + "\nICP备00000000号",
    "file header": lambda notice: "# " + notice.replace("\n# ", "\n").replace("\n", "\n# ") + "\nimport os\n\n" + "x = 1\n" * 300,
    "readme": lambda notice: "# Data\n\n" + EN * 10 + "## License\n\n" + notice + "\n\n## Citation\n\n" + "@article{x, title={y}}\n" * 40,
    "readme in Chinese": lambda notice: "# 数据集\n\n" + ZH * 20 + "## 使用限制\n\n" + notice + "\n\n## 引用\n\n" + "@article{x}\n" * 40,
}  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("tag", [None, "MIT", "CC-BY-4.0"])
def test_no_restricted_notice_is_read_as_permitted(place, tag):
    batch = records([{"text": PLACES[place](notice), "declared_licence": tag} for notice, _ in NOTICES])
    said = Licence().look(batch).columns["licence"].to_pylist()
    wrong = [
        (notice, licence, axes)
        for (notice, truth), licence in zip(NOTICES, said, strict=True)
        if (axes := more_permissive(resolve(licence), resolve(truth)))
        and not (tag and truth == "LicenseRef-all-rights-reserved")  # beside a grant of its own it says who grants
    ]
    assert wrong == []


def test_most_of_the_notices_would_be_permitted_without_being_read():
    """The truth withholds something in every row: a check that saw nothing would fail the test above."""
    assert all(more_permissive(resolve("MIT"), resolve(truth)) for _, truth in NOTICES)


@pytest.mark.parametrize(
    "said",
    [
        "We reserve the right to use your content for training our machine learning models.",
        "There is no doubt that large models train on text and data from many sites.",
        "The model was trained on commercial data; training large models is costly, and not only for small firms.",
    ],
)
def test_who_trains_or_speaks_of_training_withholds_nothing(said):
    assert Licence().look(records([{"text": said}])).columns["licence"].to_pylist() == [None]


def test_a_notice_whose_sentence_begins_at_the_edge_speaks_for_the_record():
    notice = "More about the terms is to be read at https://example.org/terms. This dataset, as all that comes with it, is released under the Meta Llama 3 Community License."
    assert notice.index("released") > 100
    assert Licence().look(records([{"text": f"{notice}\n{EN * 20}"}])).columns["licence"].to_pylist() == [
        "LicenseRef-Llama-3"
    ]
    assert Licence().look(records([{"text": f"{EN * 5}{notice}\n{EN * 20}"}])).columns["licence"].to_pylist() == [None]


@pytest.mark.parametrize(
    ("text", "licence"),
    [
        (  # a name without an id beside the notice that has it
            "This program is free software; you can redistribute it and/or modify\nit under the terms of the Artistic License, which comes with Perl.\n\n"
            "On Debian systems, the complete text of the Artistic License\ncan be found in `/usr/share/common-licenses/Artistic'.\n",
            "Artistic-1.0-Perl",
        ),
        (  # where a licence's text lies is no licence
            "This is free software; you can redistribute it and/or modify it under\nthe terms of the GNU Lesser General Public License as published by\n"
            "the Free Software Foundation; either version 3 of the License, or\n(at your option) any later version.\n\n"
            "It is distributed in the hope that it will be useful, but WITHOUT ANY WARRANTY; without even the implied warranty of\n"
            "MERCHANTABILITY or FITNESS FOR A PARTICULAR PURPOSE.\n\nThe complete text of the GNU General Public\nLicense version 2 can be found in the file COPYING.\n",
            "LGPL-3.0-or-later",
        ),
        (  # alone it is the best that there is
            "The complete text of the GNU General Public License version 2 can be found in the file COPYING.\n",
            "GPL-2.0-only",
        ),
    ],
)  # fmt: skip
def test_a_licence_named_again_beside_its_notice_adds_nothing(text, licence):
    assert Licence().look(records([{"text": text}])).columns["licence"].to_pylist() == [licence]


def test_a_name_that_is_not_its_notices_stays_unknown():
    text = "This program is free software; you can redistribute it and/or modify\nit under the terms of the Halcyon Labs License, which comes with Perl.\n"
    assert "LicenseRef-unknown" in Licence().look(records([{"text": text}])).columns["licence"].to_pylist()[0]
