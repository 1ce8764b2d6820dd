"""The terms that come with synthetic text: what the registry names as its generator -> the licence of that service's or model's output."""

import re
from typing import Final

from checks.licence.classes import UNKNOWN, Declared, of_alias, registered
from checks.licence.names import ALIASES, ANTHROPIC, OPENAI, SERVICE

# Read in this order: a model trained on another's output is named by both, and every one that is named counts.
_GENERATORS: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), alias)
    for pattern, alias in (
        (r"(?<![a-z])(?:chat)?gpt-?\s?(?:3|4|5|4o|j?turbo)|chatgpt|openai|text-davinci|davinci-00|(?<![a-z])o[134]-(?:mini|preview|pro)", OPENAI),
        (r"claude|anthropic", ANTHROPIC),
        (r"gemini|(?<![a-z])palm-?2|(?<![a-z])bard(?![a-z])|grok|ernie|文心|hunyuan-(?:pro|turbo)|混元|doubao|豆包|kimi|moonshot|qwen-(?:max|plus|turbo)", SERVICE),
        (r"llama-?\s?3\.([123])", "llama3.{0}"),
        (r"llama-?\s?4", "llama4"),
        (r"llama-?\s?3(?![.0-9])|llama-?3\.0", "llama3"),
        (r"llama-?\s?2|vicuna|alpaca", "llama2"),
        (r"gemma", "gemma"),
    )
)  # fmt: skip


def output_terms(generator: str, declared: str | None = None) -> tuple[Declared, ...]:
    """What speaks for text that *generator* (the registry's words: model and version) wrote; unknown for one that is not known.

    A known service's terms of use, or a model's licence where it binds the use of output; and what the registry itself declares
    as the terms of its output (*declared*), which takes nothing from the former. That a model's licence is silent on
    output is no grant: such a model is unknown here, and what is declared of it has to say what holds.
    """
    found = [] if declared is None else [registered(declared)]
    for pattern, alias in _GENERATORS:
        for match in pattern.finditer(generator):
            name = alias.format(*match.groups())
            found.append(of_alias(ALIASES.get(name, name)))
    return tuple(dict.fromkeys(found)) or (Declared(None, UNKNOWN),)
