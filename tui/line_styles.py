"""The styles of lines by name: component classes of the app, coloured in app.tcss."""

from __future__ import annotations

STYLES = (
    "title", "dim", "date", "place", "heading", "quote", "speaker", "good", "bad", "warn", "accent", "strong",
    "key", "mark", "off",
)  # fmt: skip
"""Names that a line's runs can have."""

CLASSES = frozenset(f"line--{name}" for name in (*STYLES, "cursor", "cursor-blurred", "found"))
"""Component classes of the app: as those of each view, Textual would work all of them out anew at every focus."""
