"""The door itself: the default command, exit statuses, one line an error, pipes, encodings, and what is imported."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import main

ROOT = Path(main.__file__).parent
Dateline = Callable[..., Any]


def in_process(*arguments: str | bytes | Path, **options: Any) -> subprocess.CompletedProcess[bytes]:
    """Run the program in a process of its own."""
    return subprocess.run(
        [sys.executable, ROOT / "main.py", *arguments], capture_output=True, timeout=60, check=False, **options
    )


# -- the default command ------------------------------------------------------------------------------------------


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Path, str]]:
    """What the timeline was asked to open; a terminal is pretended."""
    import tui.app

    calls: list[tuple[Path, str]] = []

    def run(path: Path, query: str = "") -> int:
        calls.append((path, query))
        return 0

    monkeypatch.setattr(tui.app, "run", run)
    return calls


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the three streams say that they are a terminal."""
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(getattr(sys, name), "isatty", lambda: True)


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize(
    "arguments",
    [
        ["open", "{store}", "-q", "type:drone-strike"],
        ["{store}", "-q", "type:drone-strike"],
        ["-q", "type:drone-strike", "{store}"],
        ["--query", "type:drone-strike", "--store", "{store}"],
        ["--store", "{store}", "-q", "type:drone-strike"],
        ["--store", "{store}", "open", "-q", "type:drone-strike"],
        ["open", "--store", "{store}", "-q", "type:drone-strike"],
        ["--store", "elsewhere.db", "{store}", "-q", "type:drone-strike"],
    ],
)
def test_open_is_the_default_command(opened: list[tuple[Path, str]], seeded: Path, arguments: list[str]) -> None:
    assert main.run([argument.format(store=seeded) for argument in arguments]) == 0
    assert opened == [(seeded, "type:drone-strike")]


@pytest.mark.usefixtures("terminal")
def test_no_argument_opens_the_default_store(opened: list[tuple[Path, str]], tmp_path: Path) -> None:
    assert main.run([]) == 0
    ((path, query),) = opened
    assert path.is_relative_to(tmp_path)
    assert path.exists()
    assert query == ""


@pytest.mark.usefixtures("terminal")
def test_open_refuses_before_the_screen_is_taken(
    dateline: Dateline, opened: list[tuple[Path, str]], tmp_path: Path, seeded: Path
) -> None:
    assert dateline(tmp_path / "none.db").status == 3
    assert dateline(seeded, "-q", "typ:x").status == 2
    assert opened == []


def test_open_needs_a_terminal(dateline: Dateline, seeded: Path, opened: list[tuple[Path, str]]) -> None:
    done = dateline(seeded)
    assert (done.status, done.out) == (2, "")
    assert "terminal" in done.err
    assert opened == []


def test_a_mistyped_command_is_not_taken_for_a_store(
    dateline: Dateline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = dateline("lsit")
    assert done.status == 2
    assert "did you mean `dateline list`?" in done.err
    assert list(tmp_path.iterdir()) == []


# -- errors -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ["list", "--jsno"],
        ["list", "--limit", "many"],
        ["count", "--by"],
        ["show"],
        ["show", "a", "b"],
        ["show", "no-such-key"],
        ["attach"],
        ["attach", "no-such-file"],
        ["list", "killed:many"],
        ["list", "type:"],
        ["list", "(type:x"],
        ["count", 'actor:"open'],
        ["list", "date:2021-13"],
        ["--store"],
        ["--frob"],
    ],
)
def test_bad_usage_is_status_2_and_leaves_stdout_empty(
    dateline: Dateline, seeded: Path, arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATELINE_STORE", str(seeded))
    done = dateline(*arguments)
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("dateline: ")
    assert "Traceback" not in done.err


def test_a_query_that_does_not_parse_gets_a_caret_under_the_fault(dateline: Dateline, seeded: Path) -> None:
    done = dateline("list", "drone", "typ:x", "--store", seeded)
    first, text, caret = done.err.splitlines()
    assert "no field typ, did you mean type?" in first
    assert text == "drone typ:x"
    assert caret == "      ^^^"


def test_an_option_mistyped_is_named_with_the_nearest(dateline: Dateline, seeded: Path) -> None:
    done = dateline("list", "--jason", "--store", seeded)
    assert "--json" in done.err
    assert done.err.count("\n") == 1


@pytest.mark.parametrize("arguments", [["show"], ["list"], ["count", "--by"], ["attach", "x", "--document"]])
def test_arguments_that_are_not_utf_8_are_refused(seeded: Path, arguments: list[str]) -> None:
    done = in_process(*arguments, b"\xff", "--store", seeded)
    assert done.returncode == 2
    assert b"UTF-8" in done.stderr
    assert done.stderr.count(b"\n") == 1


def test_an_error_is_one_line_without_escapes_whatever_the_names_hold(dateline: Dateline, tmp_path: Path) -> None:
    done = dateline("list", "--store", tmp_path / "a\x1b[2J\nb\u202e.db")
    assert done.status == 3
    assert done.err.count("\n") == 1
    assert done.err.rstrip("\n").isprintable()
    assert "␛[2J" in done.err


def test_version_and_help(dateline: Dateline) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    done = dateline("--version")
    assert (done.status, done.out) == (0, f"dateline {project['version']}\n")
    assert project["scripts"]["dateline"] == "main:main"
    done = dateline("--help")
    assert done.status == 0
    for name, command in main.door().commands.items():
        assert f"  {name} " in done.out
        own = dateline(name, "--help")
        assert own.status == 0
        assert "--store" in own.out or name == "rescue"
        assert command.help
        summary = command.help.split("\n")[0]
        assert summary in done.out, f"the first sentence of {name} is too long for the list of commands"


# -- hostile text -------------------------------------------------------------------------------------------------

HOSTILE = "\x1b[2J\x1b]0;x\x07 \x9b31m \u202eevil\u202c \x00\x7f [/red] e" + "\u0301" * 60


@pytest.fixture
def hostile(story: Path) -> Path:
    """The story with every text of an incident replaced by what a terminal would obey."""
    with sqlite3.connect(story) as connection:
        connection.execute("UPDATE incident SET title = ?, summary = ?, damage = ?", (HOSTILE, HOSTILE, HOSTILE))
        for table in ("place", "actor"):
            connection.execute(f"UPDATE {table} SET name = ?", (HOSTILE,))
        connection.execute("UPDATE document SET title = ?, publisher = ?", (HOSTILE, HOSTILE))
        connection.execute("UPDATE incident SET event_type = 'x' || CAST(x'ff1b' AS TEXT) WHERE key = 'second'")
        connection.execute("UPDATE claim SET value = CAST(x'ff1b' AS TEXT)")
    connection.close()
    return story


@pytest.mark.parametrize(
    "arguments", [["list"], ["show", "first"], ["count", "--by", "speaker"], ["count", "--by", "place"]]
)
def test_no_text_of_a_store_reaches_the_terminal_as_control(
    dateline: Dateline, hostile: Path, arguments: list[str]
) -> None:
    text = dateline(*arguments, "--store", hostile)
    assert text.status == 0
    assert text.out
    assert all(line.isprintable() for line in text.out.split("\n"))
    encoded = dateline(*arguments, "--json", "--store", hostile)
    assert encoded.status == 0
    assert all(line.isprintable() for line in encoded.out.split("\n"))


def test_json_keeps_hostile_text_whole(dateline: Dateline, hostile: Path) -> None:
    first, second = (json.loads(line) for line in dateline("list", "--json", "--store", hostile).out.splitlines())
    assert first["title"] == first["summary"] == first["place"]["name"] == HOSTILE
    assert second["event_type"] == "x\udcff\x1b"
    assert first["claims"][0]["value"] == "\udcff\x1b"


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_a_stdout_of_another_encoding_gets_escapes_and_sound_json(hostile: Path, encoding: str) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    for arguments in (["list"], ["show", "first"], ["show", "first", "--json"]):
        done = in_process(*arguments, "--store", hostile, env=environment)
        assert done.returncode == 0, done.stderr
        assert done.stderr == b""
        if "--json" in arguments:
            assert json.loads(done.stdout.decode(encoding).splitlines()[0])["title"] == HOSTILE


@pytest.mark.parametrize("form", ["csv", "jsonl", "markdown"])
def test_an_export_to_a_pipe_is_what_it_is_in_a_file(hostile: Path, tmp_path: Path, form: str) -> None:
    file = tmp_path / "file"
    for encoding in ("ascii", "latin-1", "utf-8"):
        environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
        command = ("export", "--as", form, "--store", hostile)
        assert in_process(*command, "-o", file, env=environment).returncode == 0
        done = in_process(*command, env=environment)
        assert (done.returncode, done.stdout) == (0, file.read_bytes())


# -- pipes and signals --------------------------------------------------------------------------------------------


def test_a_reader_that_goes_away_is_no_error_to_speak_of(seeded: Path) -> None:
    with subprocess.Popen(
        [sys.executable, ROOT / "main.py", "list", "--json", "--store", seeded],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(30) == 128 + signal.SIGPIPE


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_disk_behind_stdout_is_one_line(seeded: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, ROOT / "main.py", "list", "--store", seeded],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr == b"dateline: No space left on device\n"


@pytest.mark.parametrize(
    ("command", "redirection", "status", "err"),
    [
        ("count", ">&-", 1, b"dateline: standard output is closed\n"),
        ("export --as html -o /dev/stdout", ">&-", 2, b"dateline: cannot write /dev/stdout: Bad file descriptor\n"),
        ("count", "2>&-", 0, b""),
        ("count", ">&- 2>&-", 1, b""),
        ("count", "2>/dev/full", 0, b""),
        ("list '('", "2>/dev/full", 2, b""),
        ("star us-return-2014", "2>/dev/full", 0, b""),
        ("count", "<&-", 0, b""),
    ],
)
def test_closed_and_full_streams(seeded: Path, command: str, redirection: str, status: int, err: bytes) -> None:
    """A result that nobody gets is an error; a message that nobody gets is not."""
    words = f'"{sys.executable}" "{ROOT / "main.py"}" {command} --store "{seeded}" {redirection}'
    done = subprocess.run(["/bin/sh", "-c", words], check=False, capture_output=True)
    assert (done.returncode, done.stderr) == (status, err)


def test_an_interrupt_is_quiet(dateline: Dateline, seeded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from db import read

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(read, "rows", interrupted)
    done = dateline("list", "--store", seeded)
    assert (done.status, done.out, done.err) == (128 + signal.SIGINT, "", "")


def test_first_starts_at_the_same_moment_agree_on_one_store(tmp_path: Path) -> None:
    environment = {**os.environ, "XDG_DATA_HOME": str(tmp_path / "home")}
    starts = [
        subprocess.Popen(
            [sys.executable, ROOT / "main.py", "count"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    ends = [(*start.communicate(timeout=60), start.returncode) for start in starts]
    assert {(out, status) for out, _, status in ends} == {(ends[0][0], 0)}
    assert sum("made your store" in err for _, err, _ in ends) == 1
    (store,) = (tmp_path / "home").rglob("*.db")
    assert [entry.name for entry in store.parent.iterdir() if entry.name.startswith(".")] == []


# -- what is imported ---------------------------------------------------------------------------------------------


def test_plain_commands_never_import_textual(story: Path, text_file: Path) -> None:
    code = """
import json, sys
import main
store, text = sys.argv[1:]
seen = {}
lines = ["--help", "--version", "list", "list --json", "count --by type", "show first", "info", "seed", "verify",
         f"attach {text} --document sol", "open /nowhere", "list typ:x"]
for line in lines:
    main.run([*line.split(), *([] if line.startswith("-") else ["--store", store])])
    heavy = ("textual", "rich", "tui", "numpy")
    seen[line] = sorted(name for name in sys.modules if name.partition(".")[0] in heavy)
print(json.dumps(seen), file=sys.__stderr__)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, story, text_file], cwd=ROOT, capture_output=True, text=True, check=True
    )
    seen = json.loads(done.stderr.splitlines()[-1])
    assert len(seen) == 12
    assert all(modules == [] for modules in seen.values()), seen


def test_help_imports_next_to_nothing() -> None:
    code = "import sys; import main; main.run(['--help']); print(*sorted(sys.modules), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    modules = set(done.stderr.split())
    assert "main" in modules
    assert not modules & {"sqlite3", "sqlite_utils", "platformdirs", "db.store", "db.query", "db.engine", "seed"}


INTERRUPTED_IN_IMPORTS = """
import os, runpy, signal, sys

class Finder:
    def find_spec(self, name, *where):
        if name == "db":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Finder())
runpy.run_path("main.py", run_name="__main__")
"""


def interruptible(program: str) -> subprocess.CompletedProcess[bytes]:
    """Run a program of which an interrupt may be the end, though the tests run where interrupts are ignored."""
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        capture_output=True,
        check=False,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def test_an_interrupt_while_modules_are_read_ends_it_without_a_word() -> None:
    done = interruptible(INTERRUPTED_IN_IMPORTS)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, b"", b"")


def test_an_interrupt_is_python_s_own_matter_once_modules_are_read() -> None:
    told = "import signal, main; print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)"
    assert interruptible(told).stdout == b"True\n"
