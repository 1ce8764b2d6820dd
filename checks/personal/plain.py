"""Plain Presidio with the same recognizers: what `spot` must find, and the mode in which a run holds itself to it."""

import hashlib
import hmac
from collections.abc import Sequence
from typing import Any, Final

import pyarrow as pa

from checks.loaded import per_thread
from checks.personal.context import weighed
from checks.personal.entities import BUILT_IN, Catalogue
from checks.personal.keys import hmac_of
from checks.personal.pack import SURE
from checks.personal.spot import spot_all
from schemas.errors import LedgerError

LANGUAGE: Final = "en"
"""Recognizers read characters and no language; Presidio wants one named."""

Found = tuple[int, int, int, str, int]
"""(row, start, end, entity, score_ppm), before overlaps between entities are resolved."""


def engine(catalogue: Catalogue = BUILT_IN) -> Any:
    """An untouched ``AnalyzerEngine`` of *catalogue*'s recognizers, without a model, with the product's context enhancer."""
    return per_thread(("personal plain engine", catalogue.digest), lambda: _engine(catalogue))


def _engine(catalogue: Catalogue) -> Any:
    from presidio_analyzer import AnalyzerEngine, ContextAwareEnhancer, RecognizerRegistry
    from presidio_analyzer.nlp_engine import NoOpNlpEngine

    from checks.personal.recognizers import recognizer

    class Enhancer(ContextAwareEnhancer):
        """`weighed` as Presidio calls it: with the whole text, of which it looks at the value's line."""

        def __init__(self) -> None:
            super().__init__(0.0, 0.0, 0, 0)

        def enhance_using_context(
            self, text: str, raw_results: list[Any], nlp_artifacts: Any, recognizers: list[Any], context: Any = None
        ) -> list[Any]:
            del nlp_artifacts, context  # Presidio hands over what its own enhancer reads
            entities = {r.id: r.entity for r in recognizers}
            for result in raw_results:
                entity = entities[result.recognition_metadata["recognizer_identifier"]]
                begin = text.rfind("\n", 0, result.start) + 1
                end = text.find("\n", result.end)
                line = text[max(begin, result.start - 64) : min(len(text) if end < 0 else end, result.end + 64)]
                at = result.start - max(begin, result.start - 64)
                score = weighed(entity, round(result.score * SURE), line, at, at + result.end - result.start)
                result.score = score / SURE if score >= entity.least_ppm else 0.0
            return raw_results

    registry = RecognizerRegistry(
        recognizers=[recognizer(e) for e in catalogue.entities], supported_languages=[LANGUAGE]
    )
    nlp = NoOpNlpEngine([{"lang_code": LANGUAGE, "model_name": "none"}])
    return AnalyzerEngine(
        registry=registry, nlp_engine=nlp, supported_languages=[LANGUAGE], context_aware_enhancer=Enhancer()
    )


def plain_findings(rows: Sequence[str | None], catalogue: Catalogue = BUILT_IN) -> list[Found]:
    """What plain Presidio finds in *rows*, sorted; a null row holds nothing."""
    analyzer = engine(catalogue)
    return sorted(
        (row, r.start, r.end, r.entity_type, round(r.score * SURE))
        for row, text in enumerate(rows)
        if text
        for r in analyzer.analyze(text, LANGUAGE)
    )


def sampled(texts: Sequence[str | None], share_ppm: int, key_id: str | None) -> list[int]:
    """The rows of *texts* that `verify` looks at: by the keyed hash of their text, so the same in every cut and order."""
    chosen = []
    for row, text in enumerate(texts):
        if text:
            plain = hashlib.sha256(text.encode()).hexdigest()
            keyed = hmac_of(key_id, "verify", plain) or hmac.digest(b"verify", plain.encode(), hashlib.sha256)
            if int.from_bytes(keyed[:8], "big") % SURE < share_ppm:
                chosen.append(row)
    return chosen


def verify(texts: Sequence[str | None], share_ppm: int, key_id: str | None, catalogue: Catalogue = BUILT_IN) -> int:
    """Hold `spot` to plain Presidio on the sampled rows; gives how many they were.

    ``LedgerError`` names the recognizers whose findings differ, and no text.
    """
    rows = [texts[row] for row in sampled(texts, share_ppm, key_id)]
    if not rows:
        return 0
    ours = set(spot_all(pa.array(rows, pa.large_string()), catalogue=catalogue))
    theirs = set(plain_findings(rows, catalogue))
    if ours != theirs:
        names = {name for *_, name, _ in ours ^ theirs}
        keys = ", ".join(e.key for e in catalogue.entities if e.name in names)
        raise LedgerError(
            f"personal: verify: {len(ours - theirs)} findings that plain Presidio has not and {len(theirs - ours)} that it"
            f" has alone, by the recognizers {keys}; take the triggers that they declare out, and report it"
        )
    return len(rows)
