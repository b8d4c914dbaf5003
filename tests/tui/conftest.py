"""Shared by the tests of the screens: a store whose documents are read, and a folder to write to."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.source_story import make


@pytest.fixture
def story(tmp_path: Path) -> Path:
    """A store of five incidents and three documents, one with a text."""
    return make(tmp_path / "harbour.db")


@pytest.fixture
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files named without a folder go here."""
    folder = tmp_path / "out"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder
