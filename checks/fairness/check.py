"""Who is named in a drawn share of the records, by the grounds of Article 4(2), and beside which words. Screening indicators.

No figure here finds discrimination, and no record goes for a mention: texts against prejudice name groups and negative words
more often than others (quality.md §4: of comments against bias a list flags 58 %).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar

import pyarrow as pa

from checks.base import Check, Measure, Measures, Seen, Tally
from checks.fairness.counting import counted, named_in
from checks.fairness.lexicon import GROUNDS, Lexicon, lexicon_of, own_digest
from checks.fairness.places import found_in, sizes_of
from checks.fairness.table import table_of
from checks.signs.drawn import PPM, drawn
from schemas.diversity import spread
from schemas.fairness import (
    FEMALE,
    GENDERS,
    INDICATOR,
    MALE,
    MENTIONS,
    NEGATIVE,
    SENTENCES,
    marked_groups,
    pronouns_of,
)
from schemas.shares import share_ppm
from schemas.yaml_shape import Bounds, Choice

DRAWN, FULL = RECORDS_READ = ("drawn", "full")
_Group = dict[str, list[int]]


def _measures() -> Iterator[Measure]:
    yield Measure("records", "records", "records of which a share is drawn for the screening indicators of fairness")
    yield Measure(
        "drawn_records",
        "records",
        f"{INDICATOR}: records drawn by their text alone and read; all figures below are of these",
    )
    yield Measure("drawn_records_ppm", "ppm", "drawn_records of records: what the screening indicators rest on")
    yield Measure("drawn_bytes", "bytes", "UTF-8 bytes of the text of the records drawn")
    yield Measure(
        "grounds", "grounds", "grounds whose words were sought: the eight that Article 4(2) names and your own"
    )
    yield Measure("groups", "groups", "groups of all grounds whose words were sought")
    yield Measure(
        "mention_records", "records", f"{INDICATOR}: records that name a group of any ground; none is dropped for it"
    )
    for ground in GROUNDS:
        yield Measure(f"{ground}_records", "records", f"{INDICATOR}: records that name a group of the ground {ground}")
        yield Measure(
            f"{ground}_mentions",
            "mentions",
            f"{INDICATOR}: places where a word of a group of the ground {ground} stands",
        )
        yield Measure(f"{ground}_groups", "groups", f"{INDICATOR}: groups of the ground {ground} that are named")
        yield Measure(
            f"{ground}_effective_groups_milli", "thousandths of a group",
            f"{INDICATOR}: effective number of groups of the ground {ground}, in thousandths: exp of the entropy of the mentions' shares",
        )  # fmt: skip
        yield Measure(
            f"{ground}_top_ppm",
            "ppm",
            f"{INDICATOR}: mentions of the group of the ground {ground} that is named most, of all of its mentions",
        )
        yield Measure(
            f"{ground}_negative_ppm", "ppm",
            f"{INDICATOR}: sentences with a negative word, of those that name a group of the ground {ground}, each once a group",
        )  # fmt: skip
    yield Measure(
        "marked_groups", "groups",
        f"{INDICATOR}: groups with 50 sentences or more that hold a negative word more or less often than the other groups of their "
        "ground, z of the log-odds ratio with a Dirichlet prior 3 or more on either side",
    )  # fmt: skip
    yield Measure("female_pronouns", "mentions", f"{INDICATOR}: she, her, hers, herself, 她, 她们")
    yield Measure(
        "male_pronouns",
        "mentions",
        f"{INDICATOR}: he, him, his, himself, 他; not they and 他们, which are of everybody",
    )
    yield Measure("female_pronouns_ppm", "ppm", f"{INDICATOR}: female_pronouns of female and male ones")
    for gender in GENDERS:
        yield Measure(
            f"occupation_{gender}_sentences", "sentences",
            f"{INDICATOR}: sentences that name an occupation and hold a {gender} word or pronoun, each once an occupation",
        )  # fmt: skip


@dataclass(frozen=True)
class Fairness(Check):
    """Count who is named, and beside which words, in a drawn share of the records.

    *read*: ``drawn``, a share of *drawn_ppm* of the records by their text alone; ``full``, all. *lexicons*: YAML of your own
    with grounds, groups and words beside the program's (docs/how-to/fairness.md); here the canonical JSON of each.
    """

    name: ClassVar[str] = "fairness"
    version: ClassVar[int] = 2
    tally_bytes: ClassVar[int] = 48 << 10
    measures: ClassVar[tuple[Measure, ...]] = tuple(_measures())
    # of records drawn the groups that they name, ground/group;…, so that what filtering leaves of each can be told; else null
    column_schema: ClassVar[pa.Schema | None] = pa.schema([pa.field("named", pa.string())])

    read: Annotated[str, Choice(RECORDS_READ)] = DRAWN
    drawn_ppm: Annotated[int, Bounds(1, PPM)] = 20_000
    lexicons: tuple[str, ...] = ()

    @property
    def lexicon(self) -> Lexicon:
        """All that is sought."""
        return lexicon_of(self.lexicons)

    def inputs(self) -> dict[str, str]:
        """The program's own list; yours stands in the settings."""
        return {"lexicon": own_digest()}

    def zero(self) -> Tally:
        """No records."""
        return {
            "records": 0, "drawn_records": 0, "drawn_bytes": 0, "mention_records": 0, "negative_sentences": 0,
            "grounds": {}, "groups": {}, "pronouns": {}, "occupations": {},
        }  # fmt: skip

    def look(self, batch: pa.RecordBatch) -> Seen:
        """Counts of the rows drawn, and which groups each names; nothing of a text."""
        text = batch.column("text")
        rows = drawn(text, PPM if self.read == FULL else self.drawn_ppm)
        total = self.zero()
        total["records"] = batch.num_rows
        if not len(rows):
            return Seen(total, columns=pa.table([pa.nulls(batch.num_rows, pa.string())], schema=self.column_schema))
        lexicon = self.lexicon
        table = table_of(lexicon)
        read = {"drawn_records": len(rows), "drawn_bytes": int(sizes_of(text, rows).sum())}
        told, named = counted(found_in(text, table, rows), table, lexicon)
        columns = pa.table([named_in(rows, named, lexicon, batch.num_rows)], schema=self.column_schema)
        return Seen(total | read | told, columns=columns)

    def report(self, total: Tally) -> Measures:
        """Counts are None where no record was drawn, shares where there is nothing to share."""
        records, read = total["records"], total["drawn_records"]
        lexicon = self.lexicon
        values: Measures = {
            "records": records, "drawn_records": read, "drawn_records_ppm": share_ppm(read, records),
            "drawn_bytes": total["drawn_bytes"], "grounds": len(lexicon.grounds), "groups": len(lexicon.groups),
        }  # fmt: skip
        of_drawn: Measures = {"mention_records": total["mention_records"]}
        for ground in GROUNDS:
            of_drawn |= _of_ground(ground, total["grounds"].get(ground, 0), total["groups"].get(ground, {}))
        female, male = (pronouns_of(total["pronouns"], gender) for gender in (FEMALE, MALE))
        of_drawn |= {
            "marked_groups": marked_groups(total["groups"]),
            "female_pronouns": female, "male_pronouns": male, "female_pronouns_ppm": share_ppm(female, female + male),
        }  # fmt: skip
        for place, gender in enumerate(GENDERS):
            of_drawn[f"occupation_{gender}_sentences"] = sum(counts[place] for counts in total["occupations"].values())
        return values | (of_drawn if read else dict.fromkeys(of_drawn))


def _of_ground(ground: str, records: int, of: _Group) -> Measures:
    mentions = [counts[MENTIONS] for counts in of.values()]
    sentences = sum(counts[SENTENCES] for counts in of.values())
    spreads = spread(mentions)
    return {
        f"{ground}_records": records, f"{ground}_mentions": sum(mentions), f"{ground}_groups": len(of),
        f"{ground}_effective_groups_milli": spreads.hill1_milli if of else None,
        f"{ground}_top_ppm": spreads.top1_ppm,
        f"{ground}_negative_ppm": share_ppm(sum(counts[NEGATIVE] for counts in of.values()), sentences),
    }  # fmt: skip
