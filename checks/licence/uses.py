"""Which uses a licence permits, axis by axis: SPDX expressions resolved by the table of permitted uses. A screen, no advice."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from checks.loaded import once
from schemas.licences import Table, load
from schemas.uses import AXES, LIMITS, USES, VALUES, Answer, Row, all_of, any_of, chosen, duties_of, unknown

__all__ = [
    "AXES", "LIMITS", "USES", "VALUES", "Answer", "Row", "Table", "all_of", "any_of", "chosen", "duties_of", "more_permissive",
    "resolve", "resolve_in", "table",
]  # fmt: skip

_LONGEST: Final = 2_000  # characters of an expression; no file in use comes near, and parsing is recursive
_NO_LICENCE: Final = frozenset(("", "none", "noassertion", "other"))
"""SPDX's two words, and the hubs' one, for that nothing is said."""


def table(*overlays: Path) -> Table:
    """The table of permitted uses, read once a process; *overlays*: the customer's own rows, read anew each time.

    Raises `ConfigError` with every mistake in an overlay, by file and line.
    """
    return load(*overlays) if overlays else once("licence uses", load)


@lru_cache(maxsize=16_384)
def resolve(expression: str | None) -> Row:
    """What *expression* permits by the shipped table: an SPDX expression, `LicenseRef-…`, or a class such as `no-repost`.

    ``AND`` is the least permissive on each axis, ``OR`` the most, and its alternatives stay in `Row.choices`; ``WITH`` is
    looked up, and an exception of the SPDX list keeps the base (it adds permission). None, an unknown id and what cannot
    be parsed are unknown on every axis. Never an error.
    """
    return resolve_in(table(), expression)


def resolve_in(known: Table, expression: str | None) -> Row:
    """As `resolve`, by the table *known*."""
    text = (expression or "").strip()
    found = known.row(text)
    if found is not None:
        return found
    if text.casefold() in _NO_LICENCE or len(text) > _LONGEST:
        return unknown(text[:_LONGEST])
    from license_expression import ExpressionError

    try:
        parsed = _licensing().parse(text)
        return unknown(text) if parsed is None else _row(known, parsed)
    except (ExpressionError, RecursionError):
        return unknown(text)


def more_permissive(answer: Row, truth: Row) -> tuple[str, ...]:
    """The axes on which *answer* grants more than *truth*: deny < unknown < conditional < allow, whatever the duties."""
    return tuple(axis for axis in AXES if answer.answers[axis].rank > truth.answers[axis].rank)


def _row(known: Table, node: Any) -> Row:
    parts = getattr(node, "args", None)
    if parts:
        rows = [_row(known, part) for part in parts]
        return all_of(rows) if node.operator.strip().upper() == "AND" else any_of(rows)
    return _symbol(known, node)


def _symbol(known: Table, symbol: Any) -> Row:
    written = str(symbol)
    found = known.row(written)
    if found is not None:
        return found
    base = getattr(symbol, "license_symbol", None)
    if base is None:
        # `X+` is X or whatever came after it: at least what X permits.
        later = known.row(written[:-1]) if written.endswith("+") else None
        return later or unknown(written)
    kept = str(symbol.exception_symbol) in _exceptions()
    return replace(_symbol(known, base), id=written) if kept else unknown(written)


def _licensing() -> Any:
    """The parser with the SPDX list, warm: its tokenizer is built at first use and only read afterwards."""

    def build() -> Any:
        from license_expression import get_spdx_licensing

        licensing = get_spdx_licensing()
        licensing.parse("MIT")
        return licensing

    return once("licence uses expressions", build)


def _exceptions() -> Mapping[str, Any]:
    """Exceptions of the SPDX list; what ScanCode alone knows by that name may take away as well as give."""

    def build() -> Mapping[str, Any]:
        symbols = _licensing().known_symbols
        return {
            key: symbol
            for key, symbol in symbols.items()
            if symbol.is_exception and not key.casefold().startswith("licenseref-")
        }

    return once("licence uses exceptions", build)
