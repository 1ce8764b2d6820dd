"""What is shipped: a wheel with the four packages and their data, which works from a folder of its own."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("schemas", "checks", "pipelines", "manifests")
DATA = {".toml", ".json", ".yaml", ".html", ".j2", ".css", ".typed"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return next(folder.glob("corpusledger-*.whl"))


def test_it_holds_the_four_packages_with_their_data_and_nothing_else(wheel: Path):
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert {name.split("/")[0] for name in names} == set(PACKAGES)
    wanted = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file()
        and (path.suffix in DATA | {".py"} or path.name == "py.typed")
        and "__pycache__" not in path.parts
    }
    assert wanted <= names, sorted(wanted - names)


def test_it_works_from_a_folder_of_its_own(wheel: Path, tmp_path: Path):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import schemas, checks, pipelines.cli, manifests\n"
        "from pathlib import Path\n"
        "from pipelines.demo import write_demo\n"
        "write_demo(Path(sys.argv[2]))\n"
        "for module in (schemas, checks, pipelines, manifests):\n"
        "    assert module.__file__.startswith(sys.argv[1]), module.__file__\n"
    )
    command = [sys.executable, "-P", "-c", script, str(tmp_path / "site"), str(tmp_path / "demo")]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, cwd=tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
