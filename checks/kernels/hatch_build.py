"""The build hook: compiles the kernels into wheels and editable installs; without a compiler both are pure Python.

Run by hatchling alone (`[tool.hatch.build.targets.wheel.hooks.custom]`), from its own environment: neither this
project nor what it depends on can be imported here.
"""

import importlib.util
import platform
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from packaging.tags import sys_tags

HERE = "checks/kernels"


class KernelBuildHook(BuildHookInterface):  # type: ignore[type-arg]  # a builder's configuration, not read here
    """Makes the library before hatchling collects files."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  # hatchling's signature
        """Build in the source tree; a wheel takes the library with it and is named after its platform."""
        builder = _builder(Path(self.root) / HERE / "build.py")
        try:
            library = builder.build()
        except builder.BuildError as error:
            self.app.display_warning(f"{error}; goes on without: the same results, the scan takes longer")
            return
        build_data["artifacts"].append(f"/{HERE}/{library.name}")
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{_platform()}"  # ctypes loads it into any Python


def _builder(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("kernel_build", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path}: cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _platform() -> str:
    """What was built runs here; whether it runs on all of manylinux, a repairing tool may find."""
    named = next(t.platform for t in sys_tags() if "manylinux" not in t.platform and "musllinux" not in t.platform)
    return named if sys.platform != "darwin" else named.replace("universal2", platform.machine())
