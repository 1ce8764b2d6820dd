"""The coverage of a keyword library as lines for people: counts against what is asked for, and never a word."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from schemas.risks import taxonomy
from schemas.rule import MARKS

_STATES: Final = {
    "common": "set aside as too common in reference text", "short": "set aside as too short (three characters, unless curated)",
    "long": "set aside as too long",
}  # fmt: skip


def lines(told: Mapping[str, Any]) -> Iterator[str]:
    """The lines of `pipelines.lexicon.Lexicon.coverage`."""
    mark = f"[{told['mark']}: {MARKS[told['mark']].en}]"
    yield f"words in use: {told['words']:,} base forms; asked for: {told['least_words']:,} {mark}"
    yield f"entries: {told['entries']:,}; the same word again: {told['coincided']:,}; empty: {told['empty']:,}"
    for state, words in _STATES.items():
        if told["states"][state]:
            yield f"  {told['states'][state]:,} {words}"
    age = "of no known day" if told["age_days"] is None else f"{told['age_days']} days old"
    late = " (too old)" if told["outdated"] else ""
    yield f"version: {told['version'] or 'none'}; as of: {told['as_of'] or 'none'}; {age}{late}; at most {told['most_days_old']} days asked for"
    audit = told["audit"]
    if audit is None:
        yield "audit: none; its words were held against no reference text, and a raw list hits most documents"
    else:
        yield (
            f"audit: {audit['documents']:,} documents of reference text; hits {audit['hits']:,} -> {audit['hits_left']:,}; "
            f"documents hit by words in use: {audit['documents_hit']:,} ({audit['documents_hit'] * 100 / audit['documents']:.2f} %)"
        )
    for risk in taxonomy().risks:
        one = told["by_risk"][risk.id]
        if one["words"] or one["least"] is not None:
            asked = (
                "" if one["least"] is None else f" of {one['least']}{' SHORT' if one['words'] < one['least'] else ''}"
            )
            yield f"  {risk.id} {risk.title.zh}: {one['words']:,}{asked}"
