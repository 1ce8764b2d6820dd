"""Runs write thousands of small files: those of this process do not wait for the disk."""

import os
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="package", autouse=True)
def without_waiting() -> Iterator[None]:
    """That a file is on the disk before it has its name is tested with the store."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield
