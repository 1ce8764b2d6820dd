"""Put on PYTHONPATH by a test: makes every Python process die, fail, hang, eat memory or be slow on texts with certain words.

The product has no switch for this, on purpose; a real killer is a bug in a native library that we do not know yet.
Where `DEADLY_LOG` names a file, every first text of a batch that provenance sees is written there: what was looked at.
"""

import os
import signal
import sys
import time
from pathlib import Path


class _Hook:
    """Waits for the modules to be imported, then wraps what looks at records."""

    def __init__(self):
        self.wraps = {
            "checks.provenance": _wrap_check,
            "pipelines.normalise": _wrap_batches,
            "pipelines.read.judge": _wrap_parser,
        }

    def find_spec(self, name, path=None, target=None):  # the import system's signature
        wrap = self.wraps.pop(name, None)
        if wrap is None:
            return None
        import importlib.util

        spec = importlib.util.find_spec(name)
        load = spec.loader.exec_module

        def load_and_wrap(module):
            load(module)
            wrap(module)

        spec.loader.exec_module = load_and_wrap
        return spec


def _wrap_check(module):
    look = module.Provenance.look

    def deadly(self, batch):
        texts = batch.column("text").to_pylist()
        if os.environ.get("DEADLY_LOG"):
            with Path(os.environ["DEADLY_LOG"]).open("a", encoding="utf-8") as log:
                log.write(f"{texts[0][:80]}\n")
        for text in texts:
            if "KILLS THE PROCESS" in text:
                os.kill(os.getpid(), signal.SIGSEGV)
            if "FAILS THE CHECK" in text:
                raise ValueError("a check that fails")
            if "HANGS" in text:
                time.sleep(3600)
            if "IS SLOW" in text:
                time.sleep(0.3)
        return look(self, batch)

    module.Provenance.look = deadly


def _wrap_batches(module):
    shown = module.shown

    def hungry(batch, *others):
        if any("EATS THE MEMORY" in text for text in batch.column("text").to_pylist()):
            bytearray(1 << 42)  # four terabytes: refused by the limit of any child
        return shown(batch, *others)

    module.shown = hungry


def _wrap_parser(module):
    judge = module.judge

    def deadly(buffer, starts, ends, asked, schemas):
        for i in range(len(starts)):
            if asked[i] and b"KILLS THE READER" in bytes(buffer[starts[i] : ends[i]]):
                os.kill(os.getpid(), signal.SIGBUS)
        return judge(buffer, starts, ends, asked, schemas)

    module.judge = deadly


sys.meta_path.insert(0, _Hook())
