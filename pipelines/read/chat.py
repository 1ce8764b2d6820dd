"""The fine-tuning layouts: which fields hold text, in which order, said by whom.

Alpaca (instruction, input, output), ShareGPT (conversations of from and value), OpenAI chat (messages of role and
content) and preference pairs (prompt, chosen, rejected), with the variants that LLaMA-Factory and TRL write.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.read.blocks import combined
from pipelines.read.call_ids import Named, calls_by_row, has_ids, none_named
from pipelines.read.pieces import Joined, Pieces, Words, joined, pieces_of

Ways = tuple[tuple[tuple[str, pa.DataType], ...], ...]

_TEXT = pa.large_string()
_FROM_VALUE = pa.struct([("from", pa.string()), ("value", _TEXT)])
_PART = pa.struct([("type", pa.string()), ("text", _TEXT)])
_SAID = pa.struct([("role", pa.string()), ("content", _TEXT)])

ROLES: Final = {
    "system": "system", "developer": "system",
    "user": "user", "human": "user",
    "assistant": "assistant", "gpt": "assistant", "chatgpt": "assistant", "bing": "assistant", "bard": "assistant",
    "model": "assistant", "bot": "assistant", "function_call": "assistant", "tool_call": "assistant",
    "tool": "tool", "function": "tool", "observation": "tool", "function_response": "tool", "tool_response": "tool",
    "ipython": "tool",
}  # fmt: skip
"""A turn's own word for its speaker -> role; any other word, or none, is `other`."""


AFTER_PARTS: Final = 1 << 20
"""Where a message's tool calls begin among its parts: after its content."""


def role_of(word: str) -> str:
    """The role of a turn whose speaker is called *word* there."""
    return ROLES.get(word.lower(), "other")


@dataclass(frozen=True)
class Layout:
    """*ways*: the types its fields may have, tried in this order; *slots*: (field, role, how its values are found).

    A line that two ways accept reads the same with both: they differ only in the type of fields, and both accept a line
    only where those fields are null or missing. *turns* is the field that a source's ``text:`` mapping may rename.
    *loose*: the ways without the ids of tool calls, for the lines that only those refuse; what they say is the same.
    """

    ways: Ways
    slots: tuple[tuple[str, str], ...]
    turns: str | None = None
    loose: Ways = ()

    def fields(self, renamed: str | None, is_loose: bool = False) -> list[list[pa.Field]]:
        """Arrow fields of each way, the turns under the source's own name."""
        ways = self.loose if is_loose else self.ways
        return [[pa.field(self._name(name, renamed), kind) for name, kind in way] for way in ways]

    def join(self, table: pa.Table, renamed: str | None) -> Joined:
        """Text and roles of every row of *table*, which was parsed with one of the ways."""
        kinds: list[Pieces] = []
        for slot, (field, role) in enumerate(self.slots):
            name = self._name(field, renamed)
            if name in table.column_names:
                kinds += _values(combined(table.column(name)), slot, name, role)
        return joined(kinds, table.num_rows)

    def calls(self, table: pa.Table, renamed: str | None) -> pa.Array | None:
        """`calls` of every row of *table*; None for a layout that has no ids of tool calls."""
        if not self.loose or self.turns is None:
            return None
        return _calls_of(combined(table.column(self._name(self.turns, renamed))))

    def _name(self, field: str, renamed: str | None) -> str:
        return renamed if renamed is not None and field == self.turns else field


def _way(**fields: pa.DataType) -> tuple[tuple[str, pa.DataType], ...]:
    return tuple(fields.items())


def _messages(with_ids: bool) -> Ways:
    """Messages whose content is a string, or a list of parts. An id is a string or null."""
    function = pa.field("function", pa.struct([("arguments", _TEXT)]))
    made, named = ([pa.field(name, pa.string())] if with_ids else [] for name in ("id", "tool_call_id"))
    calls = pa.field("tool_calls", pa.list_(pa.struct([function, *made])))
    role = pa.field("role", pa.string())
    return tuple(
        _way(messages=pa.list_(pa.struct([role, pa.field("content", said), calls, *named])))
        for said in (_TEXT, pa.list_(_PART))
    )


def _pair(prompt: pa.DataType, answer: pa.DataType) -> tuple[tuple[str, pa.DataType], ...]:
    return _way(
        system=_TEXT, tools=_TEXT, conversations=pa.list_(_FROM_VALUE), instruction=_TEXT, input=_TEXT,
        prompt=prompt, chosen=answer, rejected=answer,
    )  # fmt: skip


LAYOUTS: Final = {
    "alpaca": Layout(
        (
            _way(system=_TEXT, history=pa.list_(pa.list_(_TEXT)), instruction=_TEXT, input=_TEXT, output=_TEXT),
            _way(system=_TEXT, history=_TEXT, instruction=_TEXT, input=_TEXT, output=_TEXT),
        ),
        (("system", "system"), ("history", ""), ("instruction", "user"), ("input", "user"), ("output", "assistant")),
    ),
    "sharegpt": Layout(
        (_way(system=_TEXT, tools=_TEXT, conversations=pa.list_(_FROM_VALUE)),),
        (("system", "system"), ("tools", "tool"), ("conversations", "")),
        turns="conversations",
    ),
    "openai-chat": Layout(
        _messages(with_ids=True), (("messages", ""),), turns="messages", loose=_messages(with_ids=False)
    ),
    "preference": Layout(
        (
            _pair(_TEXT, _TEXT), _pair(pa.list_(_SAID), pa.list_(_SAID)), _pair(_TEXT, _FROM_VALUE),
            _pair(_TEXT, pa.list_(_SAID)), _pair(pa.list_(_SAID), _TEXT),
        ),
        (
            ("system", "system"), ("tools", "tool"), ("conversations", ""), ("instruction", "prompt"),
            ("input", "prompt"), ("prompt", "prompt"), ("chosen", "chosen"), ("rejected", "rejected"),
        ),
    ),
}  # fmt: skip


def _values(column: pa.Array, slot: int, name: str, role: str) -> list[Pieces]:
    """The pieces of one field, whichever of the types above it was parsed with; *role* "" means the turn's own."""
    rows = np.arange(len(column))
    kind = column.type
    if not pa.types.is_nested(kind):
        return [pieces_of(rows, slot, None, None, role or "other", lambda _a, _p: name, column)]
    if pa.types.is_struct(kind):
        said = kind.field(1).name
        return [pieces_of(rows, slot, None, None, role, lambda _a, _p: f"{name}.{said}", pc.struct_field(column, [1]))]
    row, at, turn = _flat(column)
    if pa.types.is_list(kind.value_type):  # alpaca's history: pairs of a question and an answer
        return _history(row, at, turn, slot, name)
    return _turns(row, at, turn, slot, name, role)


def _history(row: np.ndarray, at: np.ndarray, pair: pa.Array, slot: int, name: str) -> list[Pieces]:
    inner, side, value = _flat(pair)
    role = Words(pa.array(["user", "assistant"], pa.string()), side % 2)
    return [pieces_of(row[inner], slot, at[inner], side, role, lambda a, p: f"{name}[{a}][{p}]", value)]


def _turns(row: np.ndarray, at: np.ndarray, turn: pa.Array, slot: int, name: str, role: str) -> list[Pieces]:
    speaker = role or _roles(pc.struct_field(turn, [0]))
    said, value = turn.type.field(1).name, pc.struct_field(turn, [1])
    kinds = []
    if pa.types.is_list(value.type):
        inner, part, one = _flat(value)
        whose = speaker if isinstance(speaker, str) else Words(speaker.words, speaker.code[inner])
        text = pc.struct_field(one, [1])
        kinds.append(pieces_of(row[inner], slot, at[inner], part, whose, _indexed(name, said, "text"), text))
    else:
        kinds.append(pieces_of(row, slot, at, None, speaker, lambda a, _p: f"{name}[{a}].{said}", value))
    if turn.type.num_fields > 2:
        inner, part, call = _flat(pc.struct_field(turn, [2]))
        whose = speaker if isinstance(speaker, str) else Words(speaker.words, speaker.code[inner])
        arguments = pc.struct_field(call, [0, 0])
        kinds.append(pieces_of(row[inner], slot, at[inner], part + AFTER_PARTS, whose, _calls(name), arguments))
    return kinds


def _calls_of(messages: pa.Array) -> pa.Array:
    """The calls of each list of messages, and the turns of tools that answer; null of one without ids."""
    turn = messages.flatten()
    if turn.type.get_field_index("tool_call_id") < 0:
        return none_named(len(messages))
    named, made = pc.struct_field(turn, "tool_call_id"), pc.struct_field(turn, "tool_calls")
    call = made.flatten()
    ids = pc.struct_field(call, "id")
    if not has_ids(named) and not has_ids(ids):
        return none_named(len(messages))
    row, at, _ = _flat(messages)
    inner = pc.list_parent_indices(made).to_numpy(zero_copy_only=False)
    speaker = _roles(pc.struct_field(turn, "role"))
    is_tool = np.asarray(pc.equal(speaker.words, "tool").to_numpy(zero_copy_only=False))[speaker.code]
    answers = np.flatnonzero(is_tool)
    calls = np.flatnonzero(call.is_valid().to_numpy(zero_copy_only=False) & ~is_tool[inner])
    inner = inner[calls]
    kinds = [
        Named(row[inner], at[inner], np.zeros(len(calls), np.bool_), ids.take(pa.array(calls))),
        Named(row[answers], at[answers], np.ones(len(answers), np.bool_), named.take(pa.array(answers))),
    ]
    return calls_by_row(kinds, len(messages))


def _indexed(name: str, said: str, leaf: str) -> Callable[[int, int], str]:
    return lambda a, p: f"{name}[{a}].{said}[{p}].{leaf}"


def _calls(name: str) -> Callable[[int, int], str]:
    return lambda a, p: f"{name}[{a}].tool_calls[{p - AFTER_PARTS}].function.arguments"


def _roles(words: pa.Array) -> Words:
    encoded = pc.dictionary_encode(pc.cast(words, pa.binary()))  # a word that is no UTF-8 is one more unknown word
    known: Sequence[str] = [role_of(word.decode("utf-8", "replace")) for word in encoded.dictionary.to_pylist()]
    code = pc.fill_null(encoded.indices, len(known)).to_numpy(zero_copy_only=False)  # nobody is named
    return Words(pa.array([*known, "other"], pa.string()), code.astype(np.int64))


def _flat(lists: pa.Array) -> tuple[np.ndarray, np.ndarray, pa.Array]:
    """(list number, place in the list, values) of every element; null lists have none."""
    values = lists.flatten()
    owner = pc.list_parent_indices(lists).to_numpy(zero_copy_only=False).astype(np.int64)
    begins = np.flatnonzero(np.diff(owner, prepend=-1))
    at = np.arange(len(owner)) - np.repeat(begins, np.diff(np.append(begins, len(owner))))
    return owner, at, values
