"""Options and settings that all tests share."""

import os
import tempfile

import pytest

_cache = pytest.StashKey[tempfile.TemporaryDirectory[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write what the compiler says now into the '# === generated' sections of tests/golden/*.golden",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Nobody's own cache is used or filled: each test process has one that nothing outlives."""
    config.stash[_cache] = tempfile.TemporaryDirectory(prefix="srcdiff-cache-")
    os.environ["SRCDIFF_CACHE_DIR"] = config.stash[_cache].name


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[_cache].cleanup()
