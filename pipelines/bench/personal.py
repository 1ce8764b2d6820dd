"""`bench personal`: the search for personal values against plain Presidio with the same recognizers, in one run on one core.

The floors hold on real text, with nothing put in. Beside them: the same text with made values put in; Presidio's default
registry, which is another list of entities (so that ratio is no like for like); our own speed. The work is in
`personal_speed`, a program of its own, since it holds Presidio's e-mail recognizer from the network.
"""

import json
from typing import Any

from checks.kernels.loading import absence
from pipelines.bench.figures import Result, result
from pipelines.bench.used import python, use_of
from schemas.errors import RunError


def bench(quick: bool = False) -> Result:
    """Measure; *quick*: little text, for a look and not for a verdict."""
    if (why := absence()) is not None:
        raise RunError(f"bench personal: the C kernel is not there: {why}")
    used = use_of(python("pipelines.bench.personal_speed", "quick" if quick else "whole"))
    told: dict[str, Any] = json.loads(used.output.strip().splitlines()[-1])
    measured = {name: (value, unit) for name, (value, unit) in told["figures"].items()}
    measured["personal_peak_mb"] = used.peak_bytes / 1_000_000, "MB"
    return result("personal", measured, told["read"])
