"""Where an address of the web leads: the host that a browser will ask, and the address written so that it asks it.

Browsers read more than RFC 3986 allows (WHATWG's URL standard: backslashes, controls left out, numbers for hosts).
What they could read as another host than is shown is refused here, and the rest handed on in ASCII.
"""

from __future__ import annotations

import re
import socket
import unicodedata
from dataclasses import dataclass
from urllib.parse import quote

from db.visible import visible
from tui.safe_text import SHOWN

LONGEST_HOST = 120
"""Characters of a host that the smallest dialog shows whole; the longest in use, of onion services, have some 60."""

_ADDRESS = re.compile(r"(https?)://([^/?#]*)(.*)", re.ASCII | re.IGNORECASE | re.DOTALL)
_PLACE = re.compile(r"(\[[0-9a-f:.]+\]|[^:\[\]]+)(:\d{0,5})?", re.ASCII | re.IGNORECASE)
_LABEL = re.compile(r"[a-z0-9_-]{1,63}", re.ASCII)
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*", re.ASCII)
_AS_IT_IS = "!\"#$%&'()*+,/:;<=>?@[\\]^`{|}~"
"""All that ASCII shows, beside letters and digits; the other characters are percent-encoded, as browsers do it."""


class UnclearError(ValueError):
    """Where an address leads cannot be said; the words say why."""


@dataclass(frozen=True)
class Address:
    """An address that leads to `host`, in ASCII as it is asked for, with the port where one is named."""

    host: str
    written: str
    """The host as the address has it."""
    user: bool
    """Whether something stands before the host that looks like one: a user name, or a name and a password."""
    opened: str
    """What a browser is handed."""


def address(text: str) -> Address:
    """Read an address that begins with http:// or https://; raises UnclearError."""
    if len(text) > SHOWN:
        raise UnclearError(f"it has {len(text):,} characters, more than can be shown")
    found = _ADDRESS.fullmatch(text)
    authority = found[2] if found else ""
    if found is None or "\\" in authority or any(map(str.isspace, authority)) or visible(authority) != authority:
        raise UnclearError("its host has characters that no host has")
    user, at, place = authority.rpartition("@")
    parts = _PLACE.fullmatch(place)
    if parts is None:
        raise UnclearError("it names no host" if not place else "its host has characters that no host has")
    host = parts[1].lower() if place.startswith("[") else _asked(parts[1])
    port = parts[2] or ""
    before = quote(user, _AS_IT_IS, errors="replace") + at
    opened = f"{found[1].lower()}://{before}{host}{port}{quote(found[3], _AS_IT_IS, errors='replace')}"
    return Address(host + port, parts[1] + port, bool(at), opened)


def _asked(host: str) -> str:
    """The name that is asked for: IDNA's letters of ASCII, and a number as the four that it stands for."""
    if len(host) <= LONGEST_HOST:  # what follows takes the square of the length
        host = _folded(_folded(host)).replace("\u3002", ".")
        host = ".".join(
            part if part.isascii() else f"xn--{part.encode('punycode').decode()}" for part in host.split(".")
        )
    if len(host) > LONGEST_HOST:
        raise UnclearError(f"its host has {len(host):,} characters, more than can be shown beside it")
    labels = host.removesuffix(".").split(".")
    if not all(map(_LABEL.fullmatch, labels)):
        raise UnclearError("its host has characters that no host has")
    if _NUMBER.fullmatch(labels[-1]):
        try:
            return socket.inet_ntoa(socket.inet_aton(".".join(labels)))
        except OSError:
            raise UnclearError("its host is a number that is none of a host") from None
    return host


def _folded(host: str) -> str:
    return unicodedata.normalize("NFKC", host).lower()
