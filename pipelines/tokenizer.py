"""The tokenizer that run.yaml names: its file lies in the run's work folder while the run lasts, in no ledger.

It may be the customer's secret: the manifest holds its name and sha256. Workers load it from `work/<run>/plan`, which goes
with the work folder when the run is sealed; a later run needs the file again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from checks.base import Check
from checks.scale import Scale, use_tokenizer
from manifests.store import Store
from pipelines.attempts import Desk
from pipelines.guards import check_on, elsewhere, unreadable
from pipelines.places import resolved
from schemas.canonical import sha256_hex
from schemas.errors import StoreError
from schemas.run_scale import TokenizerFile
from schemas.yaml_places import Placed
from schemas.yaml_shape import Binding

FILE: Final = "tokenizer.json"


@dataclass(frozen=True)
class Tokenizer:
    """The tokenizer as the scan needs it. *check*: with its settings; *data*: the file that its `tokenizer` names."""

    check: Scale
    data: bytes

    def put(self, store: Store) -> list[tuple[str, str, int, str]]:  # noqa: ARG002
        """Nothing: no ledger holds the tokenizer (`put_tokenizer`)."""
        return []

    def use(self) -> None:
        """Keep the tokenizer for this process, where no work folder holds it yet."""
        assert self.check.tokenizer is not None
        use_tokenizer(self.check.tokenizer, lambda: self.data)


def tokenizer_of(
    placed: Placed, good: Mapping[str, Any], folder: Path, checks: Sequence[Check], binding: Binding
) -> Tokenizer | None:
    """The `tokenizer` of run.yaml, *placed*, as bound in *good*; every mistake goes to *binding*, with its line."""
    given: TokenizerFile | None = good.get("tokenizer")
    if given is None:
        return None
    line = placed.key_lines["tokenizer"]
    check = check_on(Scale, checks, "tokenizer", placed, binding)
    if check is None:
        return None
    if (wrong := elsewhere(given.path)) is not None:
        binding.say(line, f"tokenizer: {wrong}")
        return None
    path = Path(resolved(given.path, folder))
    try:
        data = path.read_bytes()
        made = Tokenizer(replace(check, tokenizer=sha256_hex(data), tokenizer_name=path.name, tokens=given.share), data)
        made.use()
    except OSError as error:
        binding.say(line, f"tokenizer: {unreadable(given.path, error)}")
        return None
    except StoreError as error:
        binding.say(line, str(error))
        return None
    return made


def put_tokenizer(desk: Desk, joined: Iterable[object]) -> None:
    """Leave the tokenizer in the run's work folder, from where workers load it."""
    for one in joined:
        if isinstance(one, Tokenizer):
            desk.store.put(desk.path("plan", FILE), one.data)


def load_tokenizer(desk: Desk, checks: Iterable[Check]) -> None:
    """Keep for this process what the checks of the run name; every process that looks at records calls this."""
    path = desk.path("plan", FILE)
    for check in checks:
        if isinstance(check, Scale) and check.tokenizer is not None:
            use_tokenizer(check.tokenizer, lambda: desk.store.get(path))
