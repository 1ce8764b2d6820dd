"""Texts and short cuts that the tests of scale and type share."""

import numpy as np
import pyarrow as pa

from checks.scale import CELLS
from tests.kit.records import shown

ZH = "人工智能的发展离不开数据。训练数据应当来源合法，质量可靠，能够说明规模与类型。"
EN = "The harbour office keeps a list of every ship that came in late, and of those that left before the bell."
LAW = "中华人民共和国示例法\n第一条　为了规范活动，制定本法。\n第二条　本法适用于境内。\n第三条　国家鼓励发展。\n第四条　本法自公布之日起施行。"


def large(*values):
    return pa.array(values, pa.large_string())


def measures(check, batch, registry=None):
    return check.report(check.look(shown(check, batch, *([registry] if registry is not None else []))).total)


def cells(check, batch, registry=None):
    seen = check.look(shown(check, batch, *([registry] if registry is not None else [])))
    return {row["cell"]: row for row in seen.tables[CELLS].to_pylist()}


def some(count, seed=0):
    random = np.random.default_rng(seed)
    words = np.array([*"的一是在不了有和人这中大为上个国", "ship", "harbour", "ledger", "training", "a", "of"])
    return [" ".join(random.choice(words, random.integers(3, 200))) for _ in range(count)]
