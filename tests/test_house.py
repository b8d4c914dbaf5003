"""The house keeps its shape: arrows downward only, no SQL on the screen's floor, one registry, a wheel that is whole."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from textual.binding import Binding

ROOT = Path(__file__).resolve().parent.parent
SOURCES = [ROOT / "main.py", *(p for floor in ("db", "seed", "tui") for p in (ROOT / floor).rglob("*.py"))]


def imported(path: Path) -> set[str]:
    """Top-level names of all modules that a file imports anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


@pytest.mark.parametrize(
    ("floor", "never"),
    [("db", {"textual", "tui", "seed", "main"}), ("seed", {"textual", "tui", "main"}), ("tui", {"seed", "main"})],
)
def test_arrows_point_downward(floor: str, never: set[str]) -> None:
    for path in (ROOT / floor).rglob("*.py"):
        assert not imported(path) & never, path


def test_importing_every_module_of_db_and_seed_never_imports_textual() -> None:
    code = """
import importlib, pathlib, sys
for floor in ("db", "seed"):
    for path in sorted(pathlib.Path(floor).rglob("*.py")):
        name = ".".join(path.with_suffix("").parts)
        importlib.import_module(name.removesuffix(".__init__"))
print(sorted(m for m in sys.modules if m.partition(".")[0] in ("textual", "tui")))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_no_sql_in_tui() -> None:
    sql = re.compile(r"\b(SELECT|INSERT INTO|DELETE FROM|UPDATE \w+ SET|PRAGMA)\b|\.execute\(")
    for path in (ROOT / "tui").rglob("*.py"):
        assert not sql.search(path.read_text(encoding="utf-8")), path


def test_messages_are_said_in_one_place() -> None:
    """So that no data in one is taken for markup, or reaches the terminal with its controls."""
    for path in (ROOT / "tui").rglob("*.py"):
        assert path.name == "saying.py" or ".notify(" not in path.read_text(encoding="utf-8"), path


def test_the_help_names_every_style_of_citing() -> None:
    from db import citing
    from tui import commands

    assert ", ".join(citing.STYLES) in commands.BY_ID["cite.next-style"].help


def broad(code: str) -> list[int]:
    """Lines that catch all that can go wrong, but for those that tidy up after BaseException and end with `raise`."""
    found = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ExceptHandler):
            kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            end = node.body[-1]
            raised_again = isinstance(end, ast.Raise) and end.exc is None
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("suppress"):
            kinds, raised_again = list(node.args), False
        else:
            continue
        names = {"BaseException" if kind is None else ast.unparse(kind).rpartition(".")[2] for kind in kinds}
        if "Exception" in names or ("BaseException" in names and not raised_again):
            found.append(node.lineno)
    return found


def test_no_broad_except() -> None:
    for path in SOURCES:
        assert not broad(path.read_text(encoding="utf-8")), path


@pytest.mark.parametrize(
    ("handler", "is_broad"),
    [
        ("except ValueError: pass", False),
        ("except: pass", True),
        ("except Exception: raise", True),
        ("except (ValueError, Exception): pass", True),
        ("except builtins.Exception: pass", True),
        ("except BaseException: pass", True),
        ("except (ValueError, BaseException): pass", True),
        ("except BaseException as error:\n    tidy(error)\n    raise", False),
        ("except BaseException as error: raise ValueError from error", True),
    ],
)
def test_what_is_a_broad_except(handler: str, is_broad: bool) -> None:
    assert bool(broad(f"try:\n    work()\n{handler}\n")) is is_broad


def test_a_broad_suppress_is_one_too() -> None:
    assert broad("with contextlib.suppress(OSError, Exception): work()") and not broad("with suppress(OSError): work()")


def owners() -> dict[str, type]:
    """Scope → the class that binds its keys, found in the code of tui/."""
    found: dict[str, type] = {}
    for path in sorted((ROOT / "tui").rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for owner in vars(importlib.import_module(name)).values():
            if not (isinstance(owner, type) and owner.__module__ == name):
                continue
            for binding in vars(owner).get("BINDINGS", ()):
                if isinstance(binding, Binding) and binding.id:
                    found[binding.id.partition(".")[0]] = owner
    return found


def test_every_command_has_an_action_and_its_own_keys() -> None:
    from tui import commands

    found = owners()
    assert set(found) == set(commands.SCOPES) == {command.scope for command in commands.COMMANDS}
    assert len(commands.BY_ID) == len(commands.COMMANDS)
    for command in commands.COMMANDS:
        assert hasattr(found[command.scope], f"action_{command.name.partition('(')[0]}"), command.id
    for scope in found:
        keys = [key for command in commands.in_scope(scope) for key in command.keys.split(",")]
        assert all(keys) and len(keys) == len(set(keys)), scope
        # Terminals cannot tell these from Tab, Enter, Backspace and Esc.
        assert not {"ctrl+i", "ctrl+m", "ctrl+h", "ctrl+left_square_bracket"} & set(keys)


def test_the_page_of_keys_is_the_registry() -> None:
    from tui import commands

    assert (ROOT / "docs" / "keys.md").read_text(encoding="utf-8") == commands.page()


def test_the_version_is_one() -> None:
    """The door has its own copy: to look it up in the installed package's record takes longer than a start may."""
    import main

    assert tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"] == main.VERSION


def test_the_wheel_is_whole(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "--quiet",
            "--no-deps",
            "--no-build-isolation",
            "--no-index",
            "--wheel-dir",
            str(tmp_path),
            str(ROOT),
        ],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("dateline-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    for folder, pattern in (("seed", "*.sql"), ("db/sql", "*.sql"), ("tui", "*.tcss")):
        wanted = {str(path.relative_to(ROOT)) for path in (ROOT / folder).rglob(pattern)}
        assert wanted and wanted <= names
    assert not any(name.startswith(("tests", "bench", ".venv")) for name in names)


def test_no_text_of_the_project_names_an_index() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "://" not in text and "--index" not in text
        assert all("==" in line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#"))
