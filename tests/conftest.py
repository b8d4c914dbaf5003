"""Shared by all tests: a seeded store to copy, and the traps of Textual's test tools held shut."""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
from collections.abc import Awaitable, Callable, Generator, Iterator
from itertools import count
from pathlib import Path
from typing import Any

# Collecting thousands of tests makes much that stays: half of that time went into looking it through for garbage.
gc.disable()

# These change what is drawn, or where things are kept: cleared before textual is imported.
for _name in (
    "NO_COLOR",
    "TEXTUAL_THEME",
    "UNICODE_VERSION",
    "TEXTUAL",
    "COLORTERM",
    "DATELINE_STORE",
    "TEXTUAL_DRIVER",
):
    os.environ.pop(_name, None)
os.environ["TEXTUAL_ANIMATIONS"] = "none"
os.environ["DATELINE_USER"] = "tester"

import pytest
import textual._wait
from textual.app import App
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.pilot import Pilot

from db import schema
from db.store import Store
from seed.load import bundled, load
from tui.app import DatelineApp

Settle = Callable[[Pilot[None]], Awaitable[None]]

# The pilot looks every 20 ms whether the app is at rest; `settle` asks the app itself, so most of that is waiting.
textual._wait.SLEEP_GRANULARITY = 1 / 200
textual._wait.SLEEP_IDLE = 1 / 2000

_parse_rules = Stylesheet._parse_rules
_parsed: dict[object, list[RuleSet]] = {}


def _parse_once(self: Stylesheet, css: str, *about: Any, **named: Any) -> list[RuleSet]:
    """Textual's own cache of parsed rules belongs to one app; here hundreds of apps have the same rules."""
    key = (css, about, tuple(sorted(named.items())), tuple(sorted(self._variables.items())))
    if key not in _parsed:
        _parsed[key] = _parse_rules(self, css, *about, **named)
    return _parsed[key]


Stylesheet._parse_rules = _parse_once  # type: ignore[method-assign]
# Textual's own is the same, but written in Python, and asked for each rule whenever a widget is styled.
RuleSet.__hash__ = object.__hash__  # type: ignore[method-assign]


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop() -> Generator[None, object, object]:
    """Look for garbage again from the first test on, but no more among what collecting them has made."""
    gc.freeze()
    gc.enable()
    return (yield)


@pytest.fixture(autouse=True)
def no_hidden_failure(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail a test whose app raised: Textual's snapshot of a crashed app would pass otherwise."""
    raised: list[Exception] = []
    original = App._handle_exception

    def handle(self: App[object], error: Exception) -> None:
        raised.append(error)
        original(self, error)

    monkeypatch.setattr(App, "_handle_exception", handle)
    yield
    assert not raised, f"the app raised {raised!r}"


@pytest.fixture(scope="session")
def next_folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """Names a folder, not made yet, for each test that asks for none itself: nearly half of them write nothing."""
    folder, numbers = tmp_path_factory.mktemp("own"), count()
    return lambda: folder / str(next(numbers))


@pytest.fixture(autouse=True)
def own_folders(
    request: pytest.FixtureRequest, next_folder: Callable[[], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keep settings, default store and cache of the person who runs the tests out of them."""
    folder = request.getfixturevalue("tmp_path") if "tmp_path" in request.fixturenames else next_folder()
    for name in ("CONFIG", "DATA", "CACHE", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(folder / name.lower()))


@pytest.fixture(scope="session", autouse=True)
def stores_are_copied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """An empty store, made once a worker as the program makes it, stands for every other new one.

    Its steps take 25 ms, a copy takes none, and every other test begins with one.
    """
    create, empty = schema.create, tmp_path_factory.mktemp("empty") / "empty.db"
    create(empty)

    def copied(path: Path) -> None:
        if path.exists():
            create(path)
        else:
            shutil.copyfile(empty, path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schema, "create", copied)
        yield


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled incidents in a store, made once a worker; never open this one for writing."""
    path = tmp_path_factory.mktemp("template") / "iraq-drones.db"
    with Store.create(path) as store:
        load(store, bundled())
        store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture
def seeded(template: Path, tmp_path: Path) -> Path:
    """A copy of the seeded store for one test."""
    path = tmp_path / "iraq-drones.db"
    shutil.copyfile(template, path)
    return path


@pytest.fixture
def settle() -> Settle:
    """Wait until the session has nothing left to do and all its messages are handled; never a fixed sleep."""

    async def wait(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, DatelineApp)
        quiet = 0
        async with asyncio.timeout(20):
            while quiet < 2:
                await pilot.pause()
                at_rest = app.begun and app.session is not None and app.session.idle and not app._held
                quiet = quiet + 1 if at_rest else 0
                if not quiet:
                    await asyncio.sleep(0.005)

    return wait
