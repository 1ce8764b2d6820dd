"""What a value that a person gives may be: each entity whose validator takes it, with its canonical form. Without Presidio."""

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

import regex  # type: ignore[import-untyped]

from checks.personal.accuracy import measured_with, shown
from checks.personal.addresses import is_private
from checks.personal.entities import ENTITIES, Entity, catalogue_of
from checks.personal.keys import hmac_of
from manifests.subject_words import Recall
from manifests.subjects import PERSONAL, Answer, Identifier
from schemas.errors import ConfigError
from schemas.manifest import Manifest

MOST_CHARACTERS: Final = 1000


def canonical_forms(
    value: str, entity: str | None = None, entities: Sequence[Entity] = ENTITIES
) -> list[tuple[str, str]]:
    """(entity, canonical value) of everything that *value* may be; with *entity*, of that alone.

    An entity takes a value that one of its expressions matches as a whole and its validator does not refuse; one that was
    chosen also what its validator holds for right. `ConfigError`, which never shows the value, where there is none.
    """
    written = [value.strip(), unicodedata.normalize("NFKC", value).strip()]
    if not written[0] or len(written[0]) > MOST_CHARACTERS or "\n" in written[0]:
        raise ConfigError(
            f"value: none was given, or more than one line or {MOST_CHARACTERS} characters; give one value"
        )
    known = tuple(dict.fromkeys(e.name for e in entities))
    if entity is not None and entity not in known:
        raise ConfigError(f"--entity: no such entity; one of {', '.join(known)}")
    found: dict[tuple[str, str], None] = {}
    for one in entities:
        if entity not in (None, one.name):
            continue
        for form in dict.fromkeys(written):
            if _is(one, form, chosen=entity is not None) and (canonical := one.canonical(form)) is not None:
                if one.name == "IP_ADDRESS" and is_private(canonical):
                    continue  # nobody's: no run reports it
                found[one.name, canonical] = None
    if not found:
        what = entity if entity is not None else f"of {', '.join(known)}"
        raise ConfigError(f"value: not {what} in a form that this version knows; correct it. Names are not looked for")
    return list(found)


def looked_for(manifests: Iterable[Manifest]) -> tuple[Entity, ...]:
    """The entities of this version, and those that sealed runs declared for themselves."""
    declared: dict[str, None] = {}
    for manifest in manifests:
        for check in manifest.checks:
            if check.name == PERSONAL:
                declared |= dict.fromkeys(map(str, check.settings.get("recognizers") or ()))
    return catalogue_of(tuple(declared)).entities


def recalls_of(answer: Answer) -> dict[tuple[str, int], Recall]:
    """Measured recall by (entity, version of the check), where the version that was measured is the run's."""
    found = {}
    for run in answer.searched:
        for entity in run.entities:
            told = shown(entity) if run.check_version == measured_with() else None
            recall = Recall(None) if told is None else Recall(told.recall_ppm, told.measured_on)
            found[entity, run.check_version or 0] = recall
    return found


def identifiers(forms: Sequence[tuple[str, str]], key_ids: Sequence[str]) -> list[Identifier]:
    """The keyed HMACs of *forms* under every loaded key of *key_ids*."""
    found = []
    for key_id in key_ids:
        for entity, canonical in forms:
            hmac = hmac_of(key_id, entity, canonical)
            if hmac is not None:
                found.append(Identifier(entity, key_id, hmac))
    return found


def _is(entity: Entity, value: str, *, chosen: bool) -> bool:
    try:
        verdict = entity.validate(value)
    except ValueError:
        return False  # no such value: a validator reads digits where its expression would have found some
    if verdict is False or (verdict is True and chosen):
        return bool(verdict)
    # A validator knows what an expression let through; of any other text it may say anything.
    return any(regex.fullmatch(expression, value) is not None for expression in entity.expressions)
