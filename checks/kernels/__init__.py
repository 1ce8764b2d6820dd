"""Hot loops in plain C, called through ctypes where they were built; slower code does the same work where they were not.

`build` compiles the C files here into one library, `loading` finds it, a `*calls` module passes Arrow buffers to each. They need no
Python header and hold no Python object, so the interpreter's lock is free while they run.
"""

from checks.kernels.calls import Vocabulary, signs_of_rows, words_of_rows
from checks.kernels.loading import absence, library

__all__ = ["Vocabulary", "absence", "library", "signs_of_rows", "words_of_rows"]
