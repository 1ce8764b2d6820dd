"""`python -m pipelines.bench.personal_record`: measure, and write checks/personal/accuracy.yaml and the table in docs.

For the maker of a release, from a checkout with ../shared/data beside it. Both files follow from the same counts.
"""

import sys
from pathlib import Path
from typing import Final

from checks.personal import Personal
from pipelines.bench.personal_accuracy import Judged, as_counts, judged
from pipelines.bench.personal_gold import EVAL
from pipelines.bench.personal_scores import Tally
from schemas.errors import RunError

HOME: Final = Path(__file__).resolve().parents[2]
ACCURACY: Final = HOME / "checks/personal/accuracy.yaml"
PAGE: Final = HOME / "docs/personal-accuracy.md"
BEGIN, END = "<!-- table: written by pipelines.bench.personal_record -->", "<!-- end of table -->"
_HEAD: Final = """\
# Measured accuracy of the personal check: what a manifest shows beside each count. Written by `python -m
# pipelines.bench.personal_record`; how it is measured, and its gold, are in docs/personal-accuracy.md.
# entity: set: language: [values labelled, found, findings reported, right, found by overlap, right by overlap]
"""


def main() -> int:
    """Write both files. Raises `RunError` where the labelled sets are absent: a release quotes all of them or none."""
    if not EVAL.is_dir():
        raise RunError(f"personal_record: {EVAL} is not here; a release is measured on every labelled set")
    found = judged()
    ACCURACY.write_text(as_yaml(found), encoding="utf-8")
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n{as_table(found)}{END}{rest.partition(END)[2]}", encoding="utf-8")
    print("; ".join(found.read))
    return 0


def as_yaml(found: Judged) -> str:
    """The text of accuracy.yaml."""
    lines = [f"check_version: {Personal.version}", "entities:"]
    placed = [
        (label, name, language, counts)
        for name, scores in found.scores.items()
        for (label, language), counts in as_counts(scores).items()
        if counts.gold or counts.reported
    ]
    for entity in sorted({label for label, *_ in placed}):
        lines.append(f"  {entity}:")
        for name in found.scores:
            here = [f"{language}: {list(c)}" for label, of, language, c in placed if (label, of) == (entity, name)]
            if here:
                lines.append(f"    {name}: {{{', '.join(here)}}}")
    return _HEAD + "\n".join(lines) + "\n"


def as_table(found: Judged) -> str:
    """Markdown: a line for each entity, set and language; then the structured Chinese identifiers together."""
    rows = [
        "| entity | set | language | values | findings | precision | recall | F2 | overlap: precision | recall | F2 |",
        "|---|---|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    lines = [
        (label, order, f"| {label} | {name} | {language} | {t.gold} | {t.reported} | {' | '.join(shares(t))} |")
        for order, (name, scores) in enumerate(found.scores.items())
        for (label, language), t in scores.items()
        if t.gold or t.reported
    ]
    rows += [line for *_, line in sorted(lines, key=lambda each: each[:2])]
    rows += ["", "| structured Chinese identifiers, strict | values | findings | precision | recall |", "|---|--:|--:|--:|--:|"]  # fmt: skip
    rows += [f"| {name.replace('_', ' ')} | {t.gold} | {t.reported} | {t.precision:.4f} | {t.recall:.4f} |" for name, t in found.zh_ids.items()]  # fmt: skip
    return "\n".join(rows) + "\n"


def shares(tally: Tally) -> list[str]:
    """Precision, recall and F2, strict and by overlap; a dash where there is nothing to divide by."""
    return [
        "–" if not whole else f"{share:.4f}"
        for precision, recall, f2 in ((tally.precision, tally.recall, tally.f2), tally.by_overlap)
        for share, whole in ((precision, tally.reported), (recall, tally.gold), (f2, tally.gold and tally.reported))
    ]


if __name__ == "__main__":
    sys.exit(main())
