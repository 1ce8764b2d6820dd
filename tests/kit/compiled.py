"""The kernels of this source, compiled for a test with every warning an error, and arrays of any bytes to show them."""

import pyarrow as pa
import pytest

from checks import kernels
from checks.kernels.build import BuildError, build
from checks.kernels.loading import load

STRICT = ("-Wall", "-Wextra", "-Werror")
LARGE = pa.large_string()


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """These sources, compiled, in place of what lies in the tree."""
    try:
        found = load(build(tmp_path_factory.mktemp("kernels"), STRICT))
    except BuildError as error:
        if "no C compiler" in str(error):
            pytest.skip(str(error))
        raise
    assert found.absence is None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernels, "library", lambda: found.library)
        yield found.library


def strings(values, kind=LARGE):
    """An array of any bytes under a text type, as a careless writer makes one."""
    binary = pa.array(values, pa.large_binary() if kind == LARGE else pa.binary())
    return pa.Array.from_buffers(kind, len(values), binary.buffers(), binary.null_count)
