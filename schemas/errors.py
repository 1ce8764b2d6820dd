"""Errors a user can act on; each one says where, what is wrong and what to do.

    LedgerError                everything this project raises on purpose
    +- RecordError             one record cannot be read: counted and placed, never fatal alone
    +- ConfigError             a YAML, an option or a policy is wrong: exit 2, before a worker starts
    +- StoreError              a ledger or a store refuses: exit 3
    +- RunError                the run itself failed: exit 3

Form of a message: ``place: what is wrong, with the value; what to do``. A personal value never stands in one.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Where:
    """A place in a file, printed the way editors jump to: ``path:line`` or ``path@offset``."""

    path: str
    line: int | None = None
    offset: int | None = None

    def __str__(self) -> str:
        """Line before offset; the bare path where neither is known."""
        if self.line is not None:
            return f"{self.path}:{self.line}"
        if self.offset is not None:
            return f"{self.path}@{self.offset}"
        return self.path


class LedgerError(Exception):
    """Base of everything this project raises on purpose; its text is fit to print as it stands."""


class RecordError(LedgerError):
    """One record cannot be read. Counted and kept with its place, never fatal by itself."""

    def __init__(self, where: Where, problem: str) -> None:
        """Keep both arguments in ``args``, so that the error survives pickling between workers."""
        super().__init__(where, problem)
        self.where = where
        self.problem = problem

    def __str__(self) -> str:
        """``place: problem``."""
        return f"{self.where}: {self.problem}"


class ConfigError(LedgerError):
    """What the user wrote is wrong. Holds every complaint at once, one line each; exit code 2."""

    def __init__(self, *problems: str) -> None:
        """*problems*: whole lines, each ``place: what is wrong; what to do``."""
        super().__init__(*problems)
        self.problems = problems

    def __str__(self) -> str:
        """Every problem on a line of its own."""
        return "\n".join(self.problems)


class StoreError(LedgerError):
    """A ledger or store cannot be read or written; exit code 3."""


class RunError(LedgerError):
    """The run failed: a shard changed, a conservation rule broke, a worker kept dying; exit code 3."""
