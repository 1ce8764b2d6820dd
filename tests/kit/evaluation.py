"""Evaluation sets as checks hold them: an index over given texts, and the check that seeks them."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from checks.base import Check
from checks.contamination import Contamination, Gathered, use_index
from checks.fairness import Fairness
from checks.labels import Labels
from checks.laundering import Laundering
from checks.listed import Listed
from checks.optouts import OptOuts
from checks.scale import Scale
from checks.selection import Selection
from manifests.parquet import parquet_bytes
from tests.kit.captures import kit_judging
from tests.kit.derived import dropping_under
from tests.kit.labels import kit_seeking
from tests.kit.lists import kit_listing
from tests.kit.record_corpus import kit_corpus
from tests.kit.restricted import kit_knowing
from tests.kit.tokenizers import kit_counting


def seeking(sets: Mapping[str, Sequence[str]], check: Contamination | None = None) -> Contamination:
    """*check* (else one with defaults) that seeks the items of *sets*, which are lines 1, 2, …; loaded in this process."""
    check = check or Contamination()
    gathered = Gathered(check.widths, check.most_items)
    for items in sets.values():
        gathered.begin_set()
        gathered.add(pa.array(items, pa.large_string()), np.arange(1, len(items) + 1, dtype=np.uint32))
    entries = gathered.entries()
    items, sought, too_short, repeated, wording = zip(*gathered.counts(entries), strict=True)
    index = hashlib.sha256(parquet_bytes(entries)).hexdigest()
    use_index(index, lambda: entries)
    return replace(
        check, sets=tuple(sets), index=index, items=items, sought=sought, too_short=too_short, repeated=repeated,
        wording=wording, shingles=entries.num_rows,
    )  # fmt: skip


def as_tested(kind: type[Check]) -> Check:
    """A check as laws and goldens hold it: the one for contamination seeks parts of the kit corpus, the one for opt-outs has
    captures of some of its sites, the one for lists has lists with something of it, the one for scale looks at all of it and has a tokenizer, the one for fairness reads all of it, the one for selection drops
    under an English and a Chinese profile, others stand as they are.
    """
    if kind is OptOuts:
        return kit_judging()
    if kind is Laundering:
        return kit_knowing()
    if kind is Listed:
        return kit_listing()
    if kind is Fairness:
        return Fairness(read="full")
    if kind is Labels:
        return kit_seeking()
    if kind is Scale:
        return kit_counting()
    if kind is Selection:
        return dropping_under("gopher", "fineweb2-cmn")
    if kind is not Contamination:
        return kind()
    corpus = kit_corpus()
    pieces = {
        name: [text[len(text) // 9 : len(text) - len(text) // 7] for text in corpus[batch].column("text").to_pylist()]
        for name, batch in (("harbour", "en"), ("archive-zh", "zh"), ("scripts", "scripts"))
    }
    return seeking(pieces)
