"""Where an address leads is said first and whole, and a browser is handed what leads nowhere else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from db.store import Store
from tests.support.pressing import Press, Settle, opened, said
from tui.address import LONGEST_HOST, UnclearError, address
from tui.app import DatelineApp
from tui.safe_text import SHOWN
from tui.screens.confirm import Confirm

HOST = "www.trusted.example"
LONG = {
    "a name before the host": ("http://" + HOST + ":" + "a" * 300 + "@evil.example/page/END", "evil.example"),
    "a very long one": ("http://" + HOST + ":" + "a" * 3_000 + "@evil.example/page/END", "evil.example"),
    "a long path": ("https://evil.example/" + HOST + "/a" * 1_500 + "/END", "evil.example"),
    "blanks": ("https://evil.example/" + " " * 3_000 + "END", "evil.example"),
    "the longest host": ("http://" + f"{'a' * 59}." * 2 + "/END", f"{'a' * 59}." * 2),
}
SIZES = [(80, 24), (40, 10)]


@pytest.mark.parametrize(
    ("text", "host", "opened"),
    [
        ("https://example.org/a?b=c#d", "example.org", None),
        ("HTTP://Example.ORG:8080", "example.org:8080", "http://example.org:8080"),
        ("http://www.trusted.example:a@evil.example/", "evil.example", None),
        ("http://a@b@evil.example", "evil.example", None),
        ("http://evil.example?@trusted.example/", "evil.example", None),
        ("http://evil.example#@trusted.example/", "evil.example", None),
        ("https://пример.example/путь", "xn--e1afmkfd.example", "https://xn--e1afmkfd.example/%D0%BF%D1%83%D1%82%D1%8C"),
        ("https://straße.example/", "xn--strae-oqa.example", "https://xn--strae-oqa.example/"),
        ("https://ｅｘａｍｐｌｅ。org/", "example.org", "https://example.org/"),
        ("http://2130706433/", "127.0.0.1", "http://127.0.0.1/"),
        ("http://0x7f.1:80/", "127.0.0.1:80", "http://127.0.0.1:80/"),
        ("http://[2001:db8::1]:80/", "[2001:db8::1]:80", None),
        ("http://example.org/a b\t\x1b]0;x\x07\u202ec", "example.org", "http://example.org/a%20b%09%1B]0;x%07%E2%80%AEc"),
        ("http://example.org/\ud800\0", "example.org", "http://example.org/?%00"),
        ("http://example.org/100%25/%zz", "example.org", None),
    ],
)  # fmt: skip
def test_a_browser_is_handed_the_host_that_is_shown(text: str, host: str, opened: str | None) -> None:
    found = address(text)
    assert found.host == host
    assert found.opened == (opened or text)
    assert found.opened.isascii() and found.opened.isprintable() and " " not in found.opened
    assert re.fullmatch(rf"https?://(?:[^/?#]*@)?{re.escape(host)}(?:[/?#].*)?", found.opened)


@pytest.mark.parametrize(
    "text",
    [
        "http://",
        "http:///evil.example/",
        "http://name@/",
        "http://evil.example\\@trusted.example/",
        "http://evil.example\t@trusted.example/",
        "http://trusted.example\u202e@evil.example/",
        "http://trusted.example .evil.example/",
        "http://evil%2eexample/",
        "http://a\u2100b.example/",
        "http://a..example/",
        "http://999.999.999.999/",
        "http://example.org:80:80/",
        "http://[::1/",
        "http://" + "a" * 64 + ".example/",
        "http://" + "a." * LONGEST_HOST + "example/",
        "http://" + "я" * SHOWN + "/",
        "http://example.org/" + "a" * SHOWN,
    ],
)
def test_one_that_could_lead_elsewhere_is_not_opened(text: str) -> None:
    with pytest.raises(UnclearError, match=r"^it"):
        address(text)


def _with_address(path: Path, url: str) -> None:
    with Store.open(path, write=True) as store, store.write("addresses") as connection:
        connection.execute("UPDATE document SET url = ?", (url,))


def _screen(app: DatelineApp) -> str:
    """What stands in the dialog, its lines put together without the frame and without blanks."""
    region = app.screen.query_one(".dialog").content_region
    strips = app.screen._compositor.render_strips()
    lines = ("".join(segment.text for segment in strip) for strip in strips[region.y : region.bottom])
    return re.sub(r"[\s▁▂▃▄▅▆▇█]", "", "".join(line[region.x : region.right] for line in lines))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("which", list(LONG))
async def test_the_host_stands_first_and_the_end_of_a_long_address_can_be_read(
    seeded: Path, settle: Settle, size: tuple[int, int], which: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, host = LONG[which]
    _with_address(seeded, url)
    visited: list[str] = []
    monkeypatch.setattr(DatelineApp, "open_url", lambda self, url, **_: visited.append(url))
    async with opened(seeded, settle, size) as (app, _, press):
        await press("o")
        assert isinstance(app.screen, Confirm)
        first = _screen(app)
        assert first.startswith(f"Itleadsto{host}")
        assert ("beforethe@" in first) == ("@" in url)
        assert "yyesnno" in first
        await press("end")
        last = _screen(app)
        assert "END" in last
        assert "yyesnno" in last
        await press("y")
        assert visited == [address(url).opened]


async def _answered(press: Press, app: DatelineApp, *keys: str) -> str:
    await press(*keys)
    return said(app)[-1]


async def test_an_unclear_address_is_told_and_not_asked_about(seeded: Path, settle: Settle) -> None:
    _with_address(seeded, "http://evil.example\\@trusted.example/")
    async with opened(seeded, settle) as (app, main, press):
        told = await _answered(press, app, "o")
        assert told.startswith("This address is not opened: its host has characters that no host has.")
        assert app.screen is main
