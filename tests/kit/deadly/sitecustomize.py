"""Put on PYTHONPATH by a test: makes one check of every Python process die, or fail, on texts with a certain word.

The product has no switch for this, on purpose; a real killer is a bug in a native library that we do not know yet.
"""

import os
import signal
import sys


class _Hook:
    """Waits for `checks.provenance` to be imported, then wraps its look."""

    def find_spec(self, name, path=None, target=None):  # the import system's signature
        if name != "checks.provenance":
            return None
        sys.meta_path.remove(self)
        import importlib.util

        spec = importlib.util.find_spec(name)
        load = spec.loader.exec_module

        def load_and_wrap(module):
            load(module)
            _wrap(module.Provenance)

        spec.loader.exec_module = load_and_wrap
        return spec


def _wrap(check):
    look = check.look

    def deadly(self, batch):
        for text in batch.column("text").to_pylist():
            if "KILLS THE PROCESS" in text:
                os.kill(os.getpid(), signal.SIGSEGV)
            if "FAILS THE CHECK" in text:
                raise ValueError("a check that fails")
        return look(self, batch)

    check.look = deadly


sys.meta_path.insert(0, _Hook())
