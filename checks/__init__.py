"""The rooms of the house that look at records: every check, in report order."""

from checks.authenticity import Authenticity
from checks.base import Check
from checks.confidentiality import Confidentiality
from checks.contamination import Contamination
from checks.dialogue import Dialogue
from checks.duplicates import Duplicates
from checks.fairness import Fairness
from checks.labels import Labels
from checks.language import Language
from checks.laundering import Laundering
from checks.licence import Licence
from checks.listed import Listed
from checks.objectivity import Objectivity
from checks.optouts import OptOuts
from checks.origin_hints import OriginHints
from checks.personal import Personal
from checks.provenance import Provenance
from checks.quality import Quality
from checks.repetition import Repetition
from checks.safety import Safety
from checks.scale import Scale
from checks.selection import Selection

CHECKS: tuple[type[Check], ...] = (
    Provenance,
    OriginHints,
    Licence,
    Laundering,
    OptOuts,
    Personal,
    Listed,  # right behind `personal`, whose findings of the same batch it takes
    Quality,
    Authenticity,
    Repetition,
    Dialogue,
    Language,
    Safety,
    Confidentiality,
    Fairness,
    Contamination,
    Labels,
    Scale,  # behind those that share the signs of a batch, which it asks for of the drawn records too
    Objectivity,
    Selection,  # follows from the columns of `quality` and `language`
    Duplicates,
)
"""Every check, in report order; tests/checks/test_laws.py holds each to the same laws."""
BY_NAME: dict[str, type[Check]] = {check.name: check for check in CHECKS}

__all__ = ["BY_NAME", "CHECKS", "Check"]
