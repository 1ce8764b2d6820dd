"""The watch list of AI agents: product tokens, operators and purposes, each with its source; versioned, never fetched."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import schemas
from checks.loaded import once
from schemas.canonical import sha256_hex
from schemas.errors import ConfigError
from schemas.rule import MARKS
from schemas.yaml_places import read_yaml
from schemas.yaml_shape import Binding, Bounds, Choice, Date, Identifier, Text

PATH: Final = Path(schemas.__file__).parent / "packs" / "optouts" / "ai_agents.yaml"
PURPOSES: Final = ("train", "input", "search")


@dataclass(frozen=True)
class Agent:
    """One token as sites write it. *purpose*: what the operator says it does with what it fetches."""

    token: Text
    operator: Text
    purpose: Annotated[str, Choice(PURPOSES)]
    source: Identifier


@dataclass(frozen=True)
class ListSource:
    """Where entries come from; *mark*: how well that is known, of `schemas.rule.MARKS`."""

    id: Identifier
    title: Text
    url: Text
    mark: Annotated[str, Choice(tuple(MARKS))]


@dataclass(frozen=True)
class WatchList:
    """The YAML file as a value."""

    list: Identifier
    version: Text
    as_of: Date
    sources: Annotated[tuple[ListSource, ...], Bounds(least=1)]
    agents: Annotated[tuple[Agent, ...], Bounds(least=1, most=2000)]

    def tokens(self, *purposes: str) -> tuple[str, ...]:
        """Tokens of agents with one of *purposes*, in the list's order."""
        return tuple(agent.token for agent in self.agents if agent.purpose in purposes)


def watch_list(data: bytes, path: str) -> WatchList:
    """Bind the bytes of a list; raises `ConfigError` with every problem: keys, values, a source that is not there, a token twice."""
    problems: list[str] = []
    placed = read_yaml(data, path, problems)
    found = Binding(path, problems).value(placed, WatchList, "the list") if placed is not None else None
    if found is not None:
        known = {source.id for source in found.sources}
        problems += [
            f"{path}: agent {agent.token!r} names the source {agent.source!r}, which is not listed; add it to sources"
            for agent in found.agents
            if agent.source not in known
        ]
        tokens = [agent.token.lower() for agent in found.agents]
        problems += [
            f"{path}: agent {token!r} stands twice; take one out"
            for token in sorted({t for t in tokens if tokens.count(t) > 1})
        ]
    if problems or found is None:
        raise ConfigError(*problems)
    return found


def built_in_list() -> WatchList:
    """The list that comes with the program."""
    return once("checks.optouts.agents", lambda: watch_list(PATH.read_bytes(), str(PATH)))


def list_digest() -> str:
    """sha256 of the built-in list's bytes: an input of whatever is judged by it."""
    return once("checks.optouts.agents.digest", lambda: sha256_hex(PATH.read_bytes()))
