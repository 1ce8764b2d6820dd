"""The Presidio recognizers: one subclass of PatternRecognizer, one object an entity. Importing this imports Presidio.

Import it late (`spot` does, on the first line that holds a finding): `presidio_analyzer` brings spaCy in, about three
seconds and 100 MB, although nothing here uses a model, an engine or the network.
"""

import logging
from typing import Final

import presidio_analyzer.pattern_recognizer as presidio_patterns
from presidio_analyzer import Pattern, PatternRecognizer, RecognizerResult

from checks.loaded import once
from checks.personal.entities import ENTITIES, Entity

# Presidio's loggers print matched text on some errors, and its decision trace has a handler of its own.
for _name in ("presidio-analyzer", "decision_process"):
    logging.getLogger(_name).disabled = True

# By default a pattern that runs for 60 s of wall time is skipped with a log line: findings would follow from the
# machine's load. Every expression of ours is linear in the text, so none needs the limit.
presidio_patterns.REGEX_TIMEOUT_SECONDS = None

FLAGS: Final = 0
"""No case folding, no multi-line anchors: the expressions say all."""


class EntityRecognizer(PatternRecognizer):
    """Finds one entity by its expressions and validator; analyze() is Presidio's own."""

    def __init__(self, entity: Entity) -> None:
        """*entity*: what to find."""
        self.entity = entity
        super().__init__(
            supported_entity=entity.name,
            name=entity.key,
            patterns=[Pattern(f"{entity.key}_{i}", e, entity.score) for i, e in enumerate(entity.expressions)],
            global_regex_flags=FLAGS,
        )

    def validate_result(self, pattern_text: str) -> bool | None:
        """What the entity's validator says: False drops the match, True gives it score 1, None leaves it."""
        return self.entity.validate(pattern_text)


def recognizer(entity: Entity) -> EntityRecognizer:
    """The process's recognizer of *entity*."""
    found = once("personal recognizers", lambda: {e.key: EntityRecognizer(e) for e in ENTITIES})
    return found[entity.key]


def analyse(entity: Entity, text: str) -> list[RecognizerResult]:
    """What plain Presidio finds of *entity* in *text*, of any length: `spot` must find the same in every row."""
    results: list[RecognizerResult] = recognizer(entity).analyze(text, [entity.name])
    return results
