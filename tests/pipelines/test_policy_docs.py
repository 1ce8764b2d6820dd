"""The pages on configuration and policy against the code: every key, every rule, every number."""

from pathlib import Path

import pytest

from checks import BY_NAME
from pipelines.built_in import COUNTED
from pipelines.gate_words import asked
from pipelines.policy import known_measures, load_policy
from schemas.rule import EFFECTS, MARKS, STATES, Rule
from schemas.run import (
    LISTS,
    RUN_FACTS,
    RUNNERS,
    Answer,
    BaseModel,
    Keys,
    Model,
    PlanSettings,
    Provider,
    Region,
    RunConfig,
    Runner,
)
from schemas.source import CATEGORIES, CLASSES, FORMATS, LAYOUTS, PERSONAL_BASES, Review, Source
from schemas.yaml_shape import slots_of

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize(
    "shape",
    [RunConfig, Provider, Model, BaseModel, Keys, Region, PlanSettings, Runner, Source, Review, Answer],
    ids=lambda s: s.__name__,
)
def test_every_key_is_explained(shape: type) -> None:
    text = (DOCS / "configuration.md").read_text()
    for slot in slots_of(shape):
        assert f"`{slot.key}`" in text or f"{slot.key}: " in text, slot.key


def test_every_word_of_a_choice_is_explained() -> None:
    text = (DOCS / "configuration.md").read_text()
    for word in (*CLASSES, *CATEGORIES, *FORMATS, *LAYOUTS, *PERSONAL_BASES, *LISTS, *RUNNERS):
        assert f"`{word}`" in text, word


def test_every_rule_stands_in_the_table_as_it_is_in_force() -> None:
    text = (DOCS / "policy.md").read_text()
    policy = load_policy(("cn-genai",), DOCS, known_measures(BY_NAME))
    for rule in policy.rules:
        wanted = asked(rule, policy.units[rule.id])
        row = f"| `{rule.id}` | {rule.instrument} {rule.article} [{rule.mark}] | {rule.title.en} | `{wanted}` | {rule.effect} |"
        assert row in text, row


def test_every_word_of_a_policy_is_explained() -> None:
    text = (DOCS / "policy.md").read_text()
    words = (*(slot.key for slot in slots_of(Rule)), *EFFECTS, *STATES, *RUN_FACTS, *COUNTED)
    for word in (*words, *(measure.name for measures in COUNTED.values() for measure in measures)):
        assert f"`{word}`" in text, word
    for mark in MARKS:
        assert f"**{mark}**" in text
