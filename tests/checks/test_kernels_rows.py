"""A row that an array does not have is refused by every kernel that takes row numbers; none waits for it or reads there."""

import numpy as np
import pyarrow as pa
import pytest

from checks import kernels, terms

pytestmark = pytest.mark.usefixtures("library")


@pytest.mark.parametrize("row", [-1, -2, 3, 2**62, 2**63 - 1, -(2**63)])
def test_a_row_that_is_not_there_is_refused(row, library):
    text, rows = pa.array(["the sources", None, "数据从哪里来"]), np.array([0, row])
    with pytest.raises(ValueError, match="is not there"):
        kernels.words_of_rows(library, text, rows, kernels.Vocabulary((("the",),), ()), 1)
    with pytest.raises(ValueError, match="is not there"):
        terms.shingle_runs(text, rows, 5)
    with pytest.raises(ValueError, match="is not there"):
        terms.shingle_sets(text, rows)
