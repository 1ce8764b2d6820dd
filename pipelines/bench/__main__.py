"""`make bench-check`: every benchmark (or those named), its figures, and exit code 1 where one misses its bound."""

import sys

from pipelines.bench import BENCHES
from schemas.errors import LedgerError


def main(*names: str) -> int:
    """0: every bound holds; 1: one is missed; 2: no such benchmark; 3: one could not be measured."""
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        print(f"no benchmark {', '.join(unknown)}; known: {', '.join(BENCHES)}", file=sys.stderr)
        return 2
    missed = 0
    for name in names or BENCHES:
        try:
            found = BENCHES[name](False)
        except LedgerError as error:
            print(error, file=sys.stderr)
            return 3
        print(found, found.line(), sep="\n", flush=True)
        missed += len(found.missed)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
