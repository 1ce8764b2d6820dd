"""Build the kernels beside their source: ``python -m checks.kernels`` prints the library's path, or why there is none."""

import sys

from checks.kernels.build import BuildError, build


def main() -> int:
    """1 where the library cannot be made; the reason is on standard error."""
    try:
        sys.stdout.write(f"{build()}\n")
    except BuildError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
