"""From text to terms, shingles and MinHash signatures, the same for every language and on every machine.

A term is a Han character, a kana, a Hangul syllable or a Thai-like letter, or a run of letters or digits, folded
(`checks.terms.fold_rules`); a shingle is five terms; a signature is that of datasketch 2.0 (`affine32`, 128 slots, seed 1)
over the upper halves of the shingles. `checks.terms.reference` is the definition. A kernel in C does the work where it was
built (`checks.kernels`); elsewhere the reference and datasketch do, slowly, with the same results.
"""

from checks.terms.fold import fold_digest
from checks.terms.scheme import SCHEME, VERSION, Scheme
from checks.terms.sketch import folded, folded_digests, shingle_runs, shingle_sets, signatures

__all__ = [
    "SCHEME", "VERSION", "Scheme", "fold_digest", "folded", "folded_digests", "shingle_runs", "shingle_sets", "signatures",
]  # fmt: skip
