"""The Presidio recognizers: one subclass of PatternRecognizer, one object a recognizer. Importing this imports Presidio.

Import it late (`spot` does, on the first line that holds a finding): `presidio_analyzer` brings spaCy in, about three
seconds and 100 MB, although nothing here uses a model or the network.
"""

import logging
from typing import Any, Final

import presidio_analyzer.pattern_recognizer as presidio_patterns
from presidio_analyzer import Pattern, PatternRecognizer, RecognizerResult

from checks.loaded import once
from checks.personal.entities import Entity
from checks.personal.folding import fold

# Presidio's loggers print matched text on some errors, and its decision trace has a handler of its own.
for _name in ("presidio-analyzer", "decision_process"):
    logging.getLogger(_name).disabled = True

# By default a pattern that runs for 60 s of wall time is skipped with a log line: findings would follow from the
# machine's load. Every expression of ours is linear in the text, so none needs the limit.
presidio_patterns.REGEX_TIMEOUT_SECONDS = None

FLAGS: Final = 0
"""No case folding, no multi-line anchors: the expressions say all."""


class EntityRecognizer(PatternRecognizer):
    """Finds one entity by its expressions and validator in folded text; all else is Presidio's own."""

    def __init__(self, entity: Entity) -> None:
        """*entity*: what to find."""
        self.entity = entity
        super().__init__(
            supported_entity=entity.name,
            name=entity.key,
            patterns=[Pattern(f"{entity.key}_{i}", e, entity.score) for i, e in enumerate(entity.expressions)],
            global_regex_flags=FLAGS,
        )

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: Any = None, regex_flags: int | None = None
    ) -> list[RecognizerResult]:
        """What Presidio's own finds in the folded text, at its places in *text* as it stands."""
        folded = fold(text)
        results: list[RecognizerResult] = super().analyze(folded.text, entities, nlp_artifacts, regex_flags)
        if folded.gaps:
            for result in results:
                result.start, result.end = folded.span(result.start, result.end)
        return results

    def validate_result(self, pattern_text: str) -> bool | None:
        """What the entity's validator says: False drops the match, True gives it score 1, None leaves it."""
        return self.entity.validate(pattern_text)


def recognizer(entity: Entity) -> EntityRecognizer:
    """The process's recognizer of *entity*."""
    return once(("personal recognizer", entity), lambda: EntityRecognizer(entity))


def analyse(entity: Entity, text: str) -> list[RecognizerResult]:
    """What *entity*'s recognizer alone finds in *text*, of any length."""
    return recognizer(entity).analyze(text, [entity.name])
