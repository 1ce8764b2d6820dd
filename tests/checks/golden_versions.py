"""Write tests/golden/versions.json: (check, version) -> digest of all its outputs over the kit corpus.

``python -m tests.checks.golden_versions`` adds what is new; it refuses to change the digest of a version that is
there, for ledgers already hold objects made by that version. ``--force`` is for versions that no release had.
"""

import argparse
import json
import sys
from pathlib import Path

from checks import CHECKS
from checks.base import Check
from schemas.canonical import digest_of
from tests.checks.whole import digest_form, whole
from tests.kit.evaluation import as_tested
from tests.kit.record_corpus import kit_corpus
from tests.kit.records import shown

GOLDEN = Path(__file__).parents[1] / "golden" / "versions.json"


def key_of(check: Check) -> str:
    """How a version is named in the file: `quality 1`."""
    return f"{check.name} {check.version}"


def parts_of(check: Check) -> dict[str, str]:
    """Batch name -> digest of tally, measures, findings, columns and tables of that batch."""
    return {name: digest_of(digest_form(whole(check, [shown(check, batch)]))) for name, batch in kit_corpus().items()}


def golden() -> dict[str, dict[str, str]]:
    """What the file holds now."""
    return json.loads(GOLDEN.read_text()) if GOLDEN.exists() else {}


def main(argv: list[str]) -> int:
    """Add new versions; exit 1 and change nothing where a known version's outputs differ, unless forced."""
    parser = argparse.ArgumentParser(prog="python -m tests.checks.golden_versions", description=__doc__)
    parser.add_argument("--force", action="store_true", help="overwrite digests of versions that are already there")
    force = parser.parse_args(argv).force
    before = golden()
    now = {key_of(check): parts_of(check) for check in map(as_tested, CHECKS)}
    changed = sorted(key for key, parts in now.items() if before.get(key, parts) != parts)
    if changed and not force:
        print(f"{GOLDEN}: outputs differ under the same version: {', '.join(changed)}; raise `version` in the check")
        return 1
    GOLDEN.parent.mkdir(exist_ok=True)
    GOLDEN.write_text(json.dumps(before | now, indent=1, sort_keys=True) + "\n")
    print(f"{GOLDEN}: {len(now)} checks, {len(now.keys() - before.keys())} new, {len(changed)} overwritten")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
