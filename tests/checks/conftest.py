"""What every test of a kernel asks for: `pytest.mark.usefixtures("library")`, or the argument itself."""

from tests.kit.compiled import compiled, library

__all__ = ["compiled", "library"]
