"""Tokens by language: of each source, each stage and the run, every estimate with its interval. Pure, whole numbers alone."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from manifests.diversity_rows import LanguageScale
from manifests.diversity_sums import Sums
from schemas.content_kinds import UNKNOWN
from schemas.ratios import GROUPS, Drawn, Total, ratio_total

RUN, SEVERAL = "run", "several"


def by_source(sums: Mapping[str, Sums], stages: Mapping[str, str], share_ppm: int | None) -> tuple[LanguageScale, ...]:
    """Of each source the languages, most code points first. *stages*: of the sources; *share_ppm*: of the texts whose tokens
    were counted, None without a tokenizer.
    """
    return tuple(row for name in sums for row in _rows(name, stages.get(name, UNKNOWN), [sums[name]], share_ppm))


def by_stage(sums: Mapping[str, Sums], stages: Mapping[str, str], share_ppm: int | None) -> tuple[LanguageScale, ...]:
    """The same of all sources of one stage, and of the run where it has several: each source by its own ratio.

    The total of a language is that of its sources (`schemas.ratios.ratio_total`): sources that hold little of it share a ratio.
    """
    parts: defaultdict[str, list[Sums]] = defaultdict(list)
    for name, one in sums.items():
        if one.languages["records"]:
            parts[stages.get(name, UNKNOWN)].append(one)
    whole = {SEVERAL: [one for of in parts.values() for one in of]} if len(parts) > 1 else {}
    return tuple(
        row for stage, of in (*whole.items(), *sorted(parts.items())) for row in _rows(RUN, stage, of, share_ppm)
    )


def tokens_told(
    total: Total | None, counted: int | None
) -> tuple[int | None, int | None, int | None, int | None, int | None]:
    """An estimate as rows tell it: tokens, least, most, records whose tokens were *counted*, groups of texts that drew some."""
    if total is None:
        return None, None, None, counted, None if counted is None else 0
    return total.value, total.low, total.high, counted, total.drew


def _rows(name: str, stage: str, parts: Sequence[Sums], share_ppm: int | None) -> list[LanguageScale]:
    languages = {language for one in parts for language in one.languages["records"]}
    chars = {language: sum(one.languages["chars"][language] for one in parts) for language in languages}
    rows = []
    for language in sorted(languages, key=lambda known: (-chars[known], known)):
        held = [one.counted[language] for one in parts if language in one.counted]
        total = _tokens(parts, language, share_ppm)
        rows.append(
            LanguageScale(
                name, stage, language, sum(one.languages["records"][language] for one in parts), chars[language],
                *tokens_told(total, None if share_ppm is None else sum(sum(of["records"]) for of in held)),
            )
        )  # fmt: skip
    return rows


def _tokens(parts: Sequence[Sums], language: str, share_ppm: int | None) -> Total | None:
    """Its tokens in all of *parts*; None without a tokenizer, or where no code point of it was drawn. Empty texts have none."""
    if share_ppm is None:
        return None
    holding = [one for one in parts if one.languages["chars"][language]]
    if not holding:
        return Total(0, 0, 0, 0)
    nothing = {name: [0] * GROUPS for name in ("chars", "tokens")}
    found = (one.counted.get(language, nothing) for one in holding)
    return ratio_total(
        [Drawn(one.languages["chars"][language], of["chars"], of["tokens"]) for one, of in zip(holding, found, strict=True)],
        share_ppm,
    )  # fmt: skip
