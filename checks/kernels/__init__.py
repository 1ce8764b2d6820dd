"""Hot loops in plain C, called through ctypes where they were built; numpy and RE2 do the same work where they were not.

`signs.c` holds them; `build` compiles it, `loading` finds the library, `calls` passes Arrow buffers to it. They need no
Python header and hold no Python object, so the interpreter's lock is free while they run.
"""

from checks.kernels.calls import Vocabulary, signs_of_rows, words_of_rows
from checks.kernels.loading import absence, library

__all__ = ["Vocabulary", "absence", "library", "signs_of_rows", "words_of_rows"]
