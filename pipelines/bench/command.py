"""`corpusledger bench`: one benchmark, its figures for people and as one JSON line."""

import sys

from pipelines.bench import BENCHES
from schemas.errors import ConfigError


def run_bench(name: str | None, *, as_json: bool, quick: bool = False) -> int:
    """Measure *name* and print it; without a name, list the benchmarks. 0 when it measured, whatever the figures.

    *quick*: the small files alone, for a look. Raises `ConfigError` for an unknown name, `RunError` where a figure could
    not be measured. Bounds are held by `make bench-check`.
    """
    if name is None:
        print("\n".join(sorted(BENCHES)))
        return 0
    if name not in BENCHES:
        raise ConfigError(f"bench {name}: no such benchmark; known: {', '.join(sorted(BENCHES))}")
    found = BENCHES[name](quick)
    print(found, file=sys.stderr if as_json else sys.stdout)
    if as_json:
        print(found.line())
    return 0
