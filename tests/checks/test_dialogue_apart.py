"""What prompts and responses say is counted apart: the counts of `quality` over each side, as if each were a text of its own."""

import pytest

from checks.dialogue import Dialogue
from checks.quality import Quality
from tests.checks.test_dialogue import batch_of, chat
from tests.kit.records import texts

ZH = "请把这段关于水库放空的记录改写成通俗的说明，不要超过三句话。"
ZH_ANSWER = "水库在春天放空，旧公路露出水面。\n水库在春天放空，旧公路露出水面。\n老人带着孩子去看集市旧址。"
EN_ANSWER = "The reservoir was drained in spring, and the old road lay open for three weeks."
SYSTEM = "你是档案馆的助手。"
FULL = Dialogue(signals_ppm=1_000_000)
SIDE = {
    "words": "words", "han_ppm": "han_ppm", "letter_tokens_ppm": "letter_tokens_ppm", "short_lines_ppm": "short_lines_ppm",
    "repeated_ppm": "repeated_in_record_ppm", "duplicate_5gram_ppm": "duplicate_5gram_ppm", "damaged_records": "damaged_records",
    "mojibake_records": "mojibake_records",
}  # fmt: skip


def measured(layout, *rows, check=FULL):
    return check.report(check.look(batch_of(layout, *rows)).total)


def as_texts(*values):
    check = Quality(signals="full")
    return check.report(check.look(texts(*values)).total)


def test_each_side_is_counted_as_texts_of_its_own_would_be():
    rows = (
        chat(
            ("system", SYSTEM),
            ("user", ZH),
            ("assistant", ZH_ANSWER),
            ("user", "再短些。"),
            ("assistant", "水库放空了。"),
        ),
        chat(("user", ZH + "\ufffd"), ("assistant", EN_ANSWER)),
    )
    found = measured("openai-chat", *rows)
    prompts = as_texts(f"{SYSTEM}\n{ZH}\n再短些。", ZH + "\ufffd")
    responses = as_texts(f"{ZH_ANSWER}\n水库放空了。", EN_ANSWER)
    for side, whole in (("prompt", prompts), ("response", responses)):
        assert {name: found[f"{side}_{name}"] for name in SIDE} == {name: whole[of] for name, of in SIDE.items()}
        assert found[f"{side}_said_records"] == 2
    assert (found["prompt_damaged_records"], found["response_damaged_records"]) == (1, 0)
    assert found["response_repeated_ppm"] > found["prompt_repeated_ppm"] == 0


def test_an_answer_in_another_script_than_its_question_is_counted():
    rows = (
        chat(("user", ZH), ("assistant", ZH_ANSWER)),
        chat(("user", ZH), ("assistant", EN_ANSWER)),
        chat(("user", ZH), ("assistant", "OK")),  # too few letters to tell
        chat(("user", EN_ANSWER), ("assistant", EN_ANSWER + "!")),
        chat(("user", "저수지는 봄에 비워졌고 옛길이 드러났다"), ("assistant", ZH_ANSWER)),
    )
    found = measured("openai-chat", *rows)
    assert (found["script_records"], found["other_script_records"], found["other_script_ppm"]) == (4, 2, 500_000)


@pytest.mark.parametrize(
    ("layout", "row", "prompt", "response"),
    [
        ("alpaca", {"instruction": ZH, "input": "水库", "output": EN_ANSWER}, f"{ZH}\n水库", EN_ANSWER),
        ("preference", {"prompt": ZH, "chosen": ZH_ANSWER, "rejected": EN_ANSWER}, ZH, ZH_ANSWER),
        ("sharegpt", {"conversations": [{"from": "human", "value": ZH}, {"from": "boss", "value": EN_ANSWER}]}, ZH, ""),
    ],
)
def test_who_speaks_for_which_side(layout, row, prompt, response):
    found = measured(layout, row)
    assert found["prompt_words"] == as_texts(prompt)["words"]
    assert found["response_words"] == as_texts(response)["words"]
    assert found["response_said_records"] == bool(response)


def test_a_share_is_drawn_by_the_text_and_none_is_none():
    rows = [chat(("user", f"{n:04d} {ZH}"), ("assistant", ZH_ANSWER)) for n in range(300)]
    drawn = measured("openai-chat", *rows, check=Dialogue(signals_ppm=100_000))
    assert 10 < drawn["drawn_records"] < 60
    assert drawn["prompt_said_records"] == drawn["drawn_records"]
    nobody = measured("openai-chat", *rows, check=Dialogue(signals_ppm=0))
    assert (nobody["dialogue_records"], nobody["drawn_records"], nobody["prompt_han_ppm"]) == (300, 0, None)
    assert measured("openai-chat", *rows)["drawn_records"] == 300
