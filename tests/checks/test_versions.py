"""A check's version follows its output: other output under the same version would mix two truths in one ledger."""

import pytest

from checks import CHECKS
from tests.checks import golden_versions
from tests.checks.golden_versions import golden, key_of, parts_of
from tests.kit.evaluation import as_tested


@pytest.mark.parametrize("check", [as_tested(check) for check in CHECKS], ids=[check.name for check in CHECKS])
def test_output_under_a_version_never_changes(check):
    key, now, known = key_of(check), parts_of(check), golden()
    assert key in known, (
        f"{key} is not in tests/golden/versions.json; run `python -m tests.checks.golden_versions` to add it"
    )
    changed = sorted(name for name in now if known[key].get(name) != now[name])
    assert not changed, (
        f"{key} gives other output for the kit batches {changed}. If that is meant, raise `version` in checks/{check.name} "
        "and run `python -m tests.checks.golden_versions`. If nothing there was touched, a dependency changed what it says "
        "(pyarrow, presidio-analyzer, phonenumbers, fasttext, Unicode): raise the version too. If only the kit corpus "
        "changed, or no release had this version yet, `--force` rewrites it."
    )


def test_every_version_in_the_file_is_of_a_check_there_is():
    names = {check.name for check in CHECKS}
    assert {key.split(" ")[0] for key in golden()} <= names


def test_the_writer_refuses_other_output_under_the_same_version(tmp_path, monkeypatch, capsys):
    path = tmp_path / "versions.json"
    monkeypatch.setattr(golden_versions, "GOLDEN", path)
    monkeypatch.setattr(golden_versions, "CHECKS", CHECKS[:1])
    assert golden_versions.main([]) == 0
    first = path.read_text()
    path.write_text(first.replace('"en": "', '"en": "f'))
    assert golden_versions.main([]) == 1
    assert "raise `version`" in capsys.readouterr().out
    assert path.read_text() != first
    assert golden_versions.main(["--force"]) == 0
    assert path.read_text() == first
