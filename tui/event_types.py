"""A glyph for each kind of event, so that colour never has to carry the meaning alone."""

from __future__ import annotations

from db.fields import fold

GLYPHS: tuple[tuple[str, str], ...] = (
    ("drone", "▲"),
    ("uas", "▲"),
    ("rocket", "●"),
    ("missile", "●"),
    ("shelling", "●"),
    ("artillery", "●"),
    ("mortar", "●"),
    ("remote", "●"),
    ("air-strike", "▼"),
    ("airstrike", "▼"),
    ("bomb", "✦"),
    ("explos", "✦"),
    ("ied", "✦"),
    ("intercept", "◇"),
    ("shoot-down", "◇"),
    ("incursion", "△"),
    ("overflight", "△"),
    ("battle", "×"),
    ("clash", "×"),
    ("state-based", "×"),
    ("non-state", "×"),
    ("one-sided", "■"),
    ("civilian", "■"),
    ("kill", "■"),
    ("assassin", "■"),
    ("protest", "○"),
    ("riot", "○"),
    ("statement", "❝"),
    ("drill", "□"),
    ("demonstration", "□"),
    ("exercise", "□"),
    ("display", "□"),
    ("handover", "↔"),
    ("transfer", "↔"),
    ("traffick", "↔"),
    ("deploy", "→"),
    ("withdraw", "←"),
)
"""(part of a folded event type, glyph); the first that fits wins."""

OTHER = "·"
BY_KIND = {"aggregate": "Σ", "context": "≡"}


def glyph(event_type: str | None, kind: str) -> str:
    """One glyph, one cell wide, for an event type; aggregates and context have their own."""
    if kind in BY_KIND:
        return BY_KIND[kind]
    form = fold(event_type or "")
    return next((sign for part, sign in GLYPHS if part in form), OTHER)


def words(event_type: str | None, kind: str) -> str:
    """The event type for people, with the kind where it is not a plain incident."""
    spoken = (event_type or "").replace("-", " ").replace("_", " ")
    return " · ".join(part for part in (kind if kind != "incident" else "", spoken) if part)
