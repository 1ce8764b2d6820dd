"""What is said of a file that run.yaml joins to a check before it is read: the check is off, or the file lies elsewhere."""

from collections.abc import Sequence
from typing import TypeVar

from checks.base import Check
from pipelines.places import is_uri
from schemas.yaml_places import Placed, quoted
from schemas.yaml_shape import Binding

C = TypeVar("C", bound=Check)


def check_on(kind: type[C], checks: Sequence[Check], key: str, placed: Placed, binding: Binding) -> C | None:
    """The check of *kind*; None where it is off, which goes to *binding* with the line of *key* of run.yaml, *placed*."""
    check = next((one for one in checks if isinstance(one, kind)), None)
    if check is None:
        binding.say(placed.key_lines[key], f"{key}: {off(kind)}")
    return check


def off(kind: type[Check]) -> str:
    """The mistake of naming a file for a check that does not look."""
    return f"the check `{kind.name}` is off; take one of the two out"


def elsewhere(path: str, read: str | None = None) -> str | None:
    """The mistake of a path that leads to no file of this machine; None where it does. *read*: what such files are, plural."""
    if not is_uri(path):
        return None
    why = "" if read is None else f"{read} are read from local files, "
    return f"{quoted(path)} is no file of this machine; {why}fetch it"


def unreadable(path: str, error: OSError) -> str:
    """The mistake of a file that the system does not give."""
    return f"{quoted(path)} cannot be read ({error.strerror}); correct path or permissions"
