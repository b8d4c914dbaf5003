"""A browser runs apart from the timeline, is never a stranger's, and never draws over it."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest
from textual.message import Message

from tests.support.pressing import Settle, opened, said
from tui import browser
from tui.browser import NoBrowserError, found, hand_over
from tui.messages import Found

URL = "https://example.org/$(touch%20a);`b`&'c'"
PATIENCE_S = 20.0


def program(folder: Path, name: str, text: str = "") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def come(path: Path) -> str:
    """What a program writes into a file, in full when it ends with a line "end"."""
    until = time.monotonic() + PATIENCE_S
    while not path.exists() or not path.read_text().endswith("end\n"):
        assert time.monotonic() < until
        time.sleep(0.01)
    return path.read_text()


@pytest.mark.parametrize(
    ("browsers", "environment", "command"),
    [
        ("mine", {"BROWSER": "mine"}, ["mine", URL]),
        ("mine", {"BROWSER": "gone:mine"}, ["mine", URL]),
        ("mine", {"BROWSER": "mine --new %s --quiet &"}, ["mine", "--new", URL, "--quiet"]),
        ("mine", {"BROWSER": "'mine:mine --new"}, ["mine", "--new", URL]),
        ("lynx xdg-open firefox", {"DISPLAY": ":0"}, ["xdg-open", URL]),
        ("gio lynx", {"WAYLAND_DISPLAY": "w"}, ["gio", "open", "--", URL]),
        ("w3m firefox", {"BROWSER": "w3m", "DISPLAY": ":0"}, ["firefox", URL]),
        ("xterm", {"BROWSER": "xterm -e lynx"}, ["xterm", "-e", "lynx", URL]),
    ],
)
def test_the_user_s_own_browser_is_taken_and_then_the_desktop_s(
    tmp_path: Path, browsers: str, environment: dict[str, str], command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    for name in browsers.split():
        program(tmp_path / "bin", name)
    got = found(URL, {"PATH": str(tmp_path / "bin"), **environment})
    assert got == [str(tmp_path / "bin" / command[0]), *command[1:]]


@pytest.mark.parametrize(
    ("browsers", "environment", "why"),
    [
        ("w3m lynx", {}, "lynx draws in the terminal"),
        ("w3m", {"BROWSER": "w3m -N", "DISPLAY": ":0"}, "w3m draws in the terminal"),
        ("www-browser firefox", {}, "www-browser draws in the terminal"),
        ("", {"DISPLAY": ":0", "BROWSER": "gone %s:'"}, "No browser was found"),
    ],
)
def test_one_that_draws_in_the_terminal_is_not_started(
    tmp_path: Path, browsers: str, environment: dict[str, str], why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    for name in browsers.split():
        program(tmp_path / "bin", name)
    with pytest.raises(NoBrowserError, match=why):
        found(URL, {"PATH": str(tmp_path / "bin"), **environment})


@pytest.mark.parametrize("path", ["", ".", ":{}/bin:", "inner", "./inner:../here/inner"])
@pytest.mark.parametrize("browser", ["", "./xdg-open", "inner/xdg-open", "../here/xdg-open %s"])
def test_the_folder_one_stands_in_supplies_none(
    tmp_path: Path, path: str, browser: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    here = tmp_path / "here"
    program(here, "xdg-open")
    program(here / "inner", "xdg-open")
    monkeypatch.chdir(here)
    with pytest.raises(NoBrowserError):
        found(URL, {"PATH": path.format(tmp_path), "BROWSER": browser, "DISPLAY": ":0"})


def test_it_has_a_session_of_its_own_and_nothing_of_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And is not waited for: it ends only when it is told to."""
    go = tmp_path / "go"
    os.mkfifo(go)
    told = tmp_path / "told"
    mine = program(
        tmp_path / "bin",
        "mine",
        f'exec 9>"{told}"; echo "$#" "$1" >&9; pwd >&9; echo "$PATH" "${{BROWSER-none}}" >&9; cat >&9; echo noise;'
        f' echo noise >&2; (: </dev/tty) 2>/dev/null && echo terminal >&9; read line < "{go}"; echo end >&9',
    )
    monkeypatch.setenv("BROWSER", str(mine))
    monkeypatch.setenv("PATH", f".:{os.environ['PATH']}:")
    got: list[Message] = []
    sessions: list[int] = []
    started = browser._started

    def noted(command: list[str]) -> object:
        process = started(command)
        sessions.append(os.getsid(process.pid))
        return process

    monkeypatch.setattr(browser, "_started", noted)
    hand_over(URL, got.append, lambda why: None)
    go.write_text("on\n")
    lines = come(told).splitlines()
    assert lines[:2] == [f"1 {URL}", "/"]
    assert lines[2].endswith(" none") and not {".", ""} & set(lines[2].removesuffix(" none").split(os.pathsep))
    assert lines[3:] == ["end"]
    assert sessions != [os.getsid(0)]
    assert got == []


@pytest.mark.parametrize(
    ("text", "mode", "why"), [("exit 4", 0o755, "did not open it (status 4)"), ("", 0o755, None), ("", 0, "No browser")]
)
def test_one_that_fails_is_told_of(
    tmp_path: Path, text: str, mode: int, why: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path / "bin", "mine", text).chmod(mode)
    monkeypatch.setenv("BROWSER", "mine")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    got: list[Message] = []
    hand_over(URL, got.append, lambda why: None)
    for thread in threading.enumerate():
        if thread.name == "dateline-browser":
            thread.join(PATIENCE_S)
    answers = [message.answer for message in got if isinstance(message, Found)]
    assert len(answers) == (why is not None)
    assert why is None or why in answers[0]


async def test_without_a_browser_the_address_is_offered_to_the_clipboard(
    tmp_path: Path, seeded: Path, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path / "bin", "w3m", f"touch {tmp_path}/ran")
    monkeypatch.setattr("sys.platform", "linux")
    for name, value in {"PATH": str(tmp_path / "bin"), "BROWSER": "w3m", "DISPLAY": ""}.items():
        monkeypatch.setenv(name, value)
    async with opened(seeded, settle) as (app, _, press):
        app.open_url(URL)
        until = time.monotonic() + PATIENCE_S
        while not said(app):
            assert time.monotonic() < until
            await press("j")
        assert said(app) == [
            "w3m draws in the terminal, where the timeline is. The address is offered to the terminal's clipboard.\n"
            + URL
        ]
        assert app.clipboard == URL
    assert not (tmp_path / "ran").exists()
