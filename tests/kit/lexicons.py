"""A small keyword list with a word that must stand in no output, and reference text in which some words stand everywhere."""

import random

CANARY = "金丝雀暗语"
CSV = f"关键词,风险,kind\n网上赌场送金,A1.h,\n網上賭場送金,A1-h,\nＨacker tool,A.1 h),\n{CANARY},A1.b,\n的人,A1.f,\n坏蛋,A1.f,curated\n,A1.f,\n"


def documents(count, *, everywhere="大家都说的话", rare="网上赌场送金"):
    draw = random.Random(3)
    made = [f"第{n}篇：" + "".join(draw.choices("山水风云日月星辰", k=40)) for n in range(count)]
    made[::10] = [text + everywhere for text in made[::10]]
    made[7] += rare
    return made
