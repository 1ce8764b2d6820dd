"""Who speaks after whom: spans gathered into turns, and the records whose turns do not follow one another as they should."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from checks.dialogue.turns import ASSISTANT, NO_TURN, OTHER, ROLES, SYSTEM, TOOL, USER, Flags, Ints, Spans

START: Final = len(ROLES)
_FOLLOWS: Final = {
    START: (SYSTEM, USER), SYSTEM: (SYSTEM, USER), USER: (ASSISTANT,), ASSISTANT: (USER, TOOL), TOOL: (TOOL, ASSISTANT),
}  # fmt: skip
"""Role -> the roles that may follow it. Of a role that is none of these nothing is said."""
_MAY: Final = np.ones((START + 1, START), np.bool_)
for _before, _after in _FOLLOWS.items():
    for _role in (SYSTEM, USER, ASSISTANT, TOOL):
        _MAY[_before, _role] = _role in _after
MAY_FOLLOW: Final = _MAY.view(np.uint8)
"""uint8[START + 1, roles], for the kernel."""


@dataclass(frozen=True)
class Order:
    """Of each record, bool[rows]; *turns* in all; *answers*: int64[rows], turns of the assistant."""

    turns: int
    answers: Ints
    out_of_order: Flags
    empty: Flags
    unanswered: Flags
    tools_astray: Flags


def order_of(spans: Spans, rows: int) -> Order:
    """The order of the turns of *spans*; a declaration of tools before the first turn is the system's."""
    row, at = spans.row, spans.at
    n = len(row)
    role = np.where((spans.role == TOOL) & (at == NO_TURN), SYSTEM, spans.role)
    same_row = np.zeros(n, np.bool_)
    same_row[1:] = row[1:] == row[:-1]
    same_field = np.zeros(n, np.bool_)
    same_field[1:] = same_row[1:] & (spans.field[1:] == spans.field[:-1])
    # instruction and input are one turn of the user; of a list each element is a turn of its own
    goes_on = np.zeros(n, np.bool_)
    goes_on[1:] = np.where(
        (at[1:] == NO_TURN) & (at[:-1] == NO_TURN),
        same_row[1:] & (role[1:] == role[:-1]),
        same_field[1:] & (at[1:] == at[:-1]),
    )
    first = np.flatnonzero(~goes_on)
    of_turn = np.cumsum(~goes_on) - 1
    turn_row, turn_role, turn_at, turn_field = row[first], role[first], at[first], spans.field[first]
    is_first = np.append(True, turn_row[1:] != turn_row[:-1]) if len(first) else np.zeros(0, np.bool_)
    before = np.where(is_first, START, np.append(START, turn_role[:-1])) if len(first) else turn_role
    wrong = ~_MAY[before, turn_role] & (turn_role != OTHER) & (before != OTHER)
    gap = np.zeros(len(first), np.bool_)
    if len(first):
        follows = ~is_first & (np.append(-1, turn_field[:-1]) == turn_field)
        gap = (turn_at != NO_TURN) & np.where(follows, turn_at - np.append(0, turn_at[:-1]) > 1, turn_at > 0)
    last = np.append(turn_row[1:] != turn_row[:-1], True) if len(first) else np.zeros(0, np.bool_)
    calls = np.bincount(of_turn[spans.is_call], minlength=len(first))
    return Order(
        len(first), np.bincount(turn_row[turn_role == ASSISTANT], minlength=rows), _any(turn_row[wrong], rows),
        _any(turn_row[gap], rows), _any(turn_row[last & (turn_role != ASSISTANT)], rows),
        _any(_astray(turn_row, turn_role, calls), rows),
    )  # fmt: skip


def _astray(row: Ints, role: Ints, calls: Ints) -> Ints:
    """The rows in which the tool turns behind a turn that calls are not as many as its calls; layouts that mark no call say nothing.

    Calls at the very end of a record wait for an answer that is not part of it.
    """
    if not calls.any():
        return row[:0]
    n = len(row)
    is_tool = role == TOOL
    run_start = np.flatnonzero(is_tool & ~np.append(False, is_tool[:-1] & (row[1:] == row[:-1])))
    answers = np.zeros(n, np.int64)  # tool turns right behind each turn
    if len(run_start):
        ends = np.flatnonzero(is_tool & ~np.append(is_tool[1:] & (row[1:] == row[:-1]), False)) + 1
        has_before = (run_start > 0) & (row[np.maximum(run_start - 1, 0)] == row[run_start])
        answers[run_start[has_before] - 1] = (ends - run_start)[has_before]
    is_last = np.append(row[1:] != row[:-1], True)
    uses = np.zeros(int(row.max()) + 1, np.bool_)
    uses[row[calls > 0]] = True  # a record that marks calls at all
    wrong = uses[row] & (calls != answers) & ~is_tool & ~(is_last & (calls > 0))
    orphan = run_start[(run_start == 0) | (row[np.maximum(run_start - 1, 0)] != row[run_start])]
    return np.concatenate([row[wrong], row[orphan[uses[row[orphan]]]]]) if len(orphan) else row[wrong]


def _any(found: Ints, rows: int) -> Flags:
    return np.asarray(np.bincount(found, minlength=rows) > 0)
