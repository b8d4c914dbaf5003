"""Dateline's own themes; Textual's are there as well."""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="dateline",
    primary="#7aa2c8",
    secondary="#8f9bb3",
    accent="#e0af68",
    foreground="#d8dee6",
    background="#14171c",
    surface="#191d23",
    panel="#222832",
    success="#8fbf7f",
    warning="#e6c07b",
    error="#ef7d7d",
    dark=True,
)
LIGHT = Theme(
    name="dateline-light",
    primary="#1f5a92",
    secondary="#56606e",
    accent="#8a5200",
    foreground="#1c2128",
    background="#fbfaf7",
    surface="#f4f2ec",
    panel="#e6e3da",
    success="#2a6b2a",
    warning="#8a5a00",
    error="#a11c1c",
    dark=False,
)
HIGH_CONTRAST = Theme(
    name="high-contrast",
    primary="#ffff00",
    secondary="#ffffff",
    accent="#00ffff",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#000000",
    success="#00ff00",
    warning="#ffff00",
    error="#ff8080",
    dark=True,
    variables={"dim": "#ffffff"},
)
OWN = (DARK, LIGHT, HIGH_CONTRAST)
