"""What two signatures must share to be compared, and the permutations that follow from it."""

from dataclasses import asdict, dataclass, field
from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from checks.terms.fold import fold_digest
from checks.terms.reference import WIDTH

VERSION: Final = "terms-1"
"""Of the definition in `checks.terms.reference`: another one where any term, hash or shingle changes."""


@dataclass(frozen=True, slots=True)
class Scheme:
    """Signatures of different schemes are never compared: each of these changes the values."""

    name: str = "affine32"
    seed: int = 1
    slots: int = 128
    shingle_terms: int = WIDTH
    terms: str = VERSION
    fold: str = field(default_factory=fold_digest)

    def as_json(self) -> dict[str, Any]:
        """Its fields, as manifests and signature files carry them."""
        return asdict(self)


SCHEME: Final = Scheme()


@cache
def permutations(seed: int) -> npt.NDArray[np.uint32]:
    """uint32[2, 128]: a (odd) and b of a * h + b modulo 2^32, drawn as datasketch 2.0 draws them for ``affine32``."""
    draw = np.random.RandomState(seed)
    a = draw.randint(0, 1 << 31, SCHEME.slots, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    drawn = np.array([a, draw.randint(0, 1 << 32, SCHEME.slots, dtype=np.uint32)])
    drawn.flags.writeable = False
    return drawn
