"""The program that holds ScanCode: notices in on standard input, answers out, one JSON line each. Needs nothing of this project.

ScanCode takes 1.4 GB and seconds to begin, so it is never loaded where a scan runs. It may stand in an interpreter of its own:
this file is run by path, with whatever Python has the package. It downloads nothing.
"""

import json
import os
import resource
import sys
import time
from importlib.metadata import PackageNotFoundError, version
from typing import Any

PACKAGES = ("scancode-toolkit-mini", "scancode-toolkit")


def main(memory_bytes: int, notice_s: float) -> int:
    """Say which version this is, then answer until the input ends. 3: the package is not there."""
    told = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what the library prints is no answer
    installed = _installed()
    if installed is None:
        _say(told, {"missing": PACKAGES[0]})
        return 3
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    try:
        from licensedcode.cache import get_index  # type: ignore[import-not-found,import-untyped,unused-ignore]

        index = get_index()
    except Exception as error:  # noqa: BLE001  # plugin managers raise what they please; the parent puts it into words
        _say(told, {"broken": f"{type(error).__name__}: {error}"[:300]})
        return 4
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    cpu_ms = round(time.process_time() * 1000)
    _say(told, {"package": installed[0], "version": installed[1], "ready_cpu_ms": cpu_ms, "peak_bytes": peak})
    for line in sys.stdin:
        text = json.loads(line)["text"]
        began = time.process_time()
        try:
            matches = index.match(query_string=text, deadline=time.time() + notice_s)
        except MemoryError:
            return 66
        except Exception as error:  # noqa: BLE001  # one notice that it cannot take is no reason to lose the others
            _say(told, {"error": type(error).__name__})
            continue
        _say(told, {"matches": [_of(m) for m in matches], "cpu_us": round((time.process_time() - began) * 1_000_000)})
    return 0


def _installed() -> tuple[str, str] | None:
    for name in PACKAGES:
        try:
            return name, version(name)
        except PackageNotFoundError:
            continue
    return None


def _of(match: Any) -> dict[str, Any]:
    """A match: SPDX expression, score and coverage in ppm, lines of the notice from 1, and what kind of match it is."""
    spdx = match.rule.spdx_license_expression
    return {
        "expression": spdx() if callable(spdx) else spdx,
        "score_ppm": round(match.score() * 10_000),
        "coverage_ppm": round(match.coverage() * 10_000),
        "first_line": match.start_line,
        "last_line": match.end_line,
        "matcher": match.matcher,
        "rule": match.rule.identifier,
    }


def _say(told: Any, value: dict[str, Any]) -> None:
    told.write(json.dumps(value) + "\n")
    told.flush()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), float(sys.argv[2])))
