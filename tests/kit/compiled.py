"""The kernels of this source, compiled for a test with every warning an error, and arrays of any bytes to show them."""

import fcntl
import os

import pyarrow as pa
import pytest

from checks import kernels
from checks.kernels.build import LIBRARY_NAME, BuildError, build
from checks.kernels.loading import load

STRICT = ("-Wall", "-Wextra", "-Werror")
LARGE = pa.large_string()


@pytest.fixture(scope="session")
def compiled(tmp_path_factory):
    """The path of the library of these sources: compiled once, whichever of the processes that test comes first."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # theirs together, and of this run alone
    made = folder / "kernels" / LIBRARY_NAME
    made.parent.mkdir(exist_ok=True)
    with (folder / "kernels.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            return made if made.exists() else build(made.parent, STRICT)
        except BuildError as error:
            if "no C compiler" in str(error):
                pytest.skip(str(error))
            raise


@pytest.fixture(scope="module")
def library(compiled):
    """These sources, compiled, in place of what lies in the tree."""
    found = load(compiled)
    assert found.absence is None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernels, "library", lambda: found.library)
        yield found.library


def strings(values, kind=LARGE):
    """An array of any bytes under a text type, as a careless writer makes one."""
    binary = pa.array(values, pa.large_binary() if kind == LARGE else pa.binary())
    return pa.Array.from_buffers(kind, len(values), binary.buffers(), binary.null_count)
