"""What the codes of the field mean, in words for people."""

from __future__ import annotations

GRADE = {
    "confirmed": "confirmed: accepted by those involved",
    "fair": "fair: two or more credible sources agree",
    "weak": "weak: one source, or sources of little weight",
    "contested": "contested: sources name different culprits or facts",
    "discounted": "discounted: found not to have happened so",
}
"""Airwars' grades of a claim, paraphrased."""

CREDIBILITY = {
    1: "1, confirmed by other sources",
    2: "2, probably true",
    3: "3, possibly true",
    4: "4, doubtful",
    5: "5, improbable",
    6: "6, cannot be judged",
}
"""NATO Admiralty code, credibility of information."""

RELIABILITY = {
    "A": "A, completely reliable",
    "B": "B, usually reliable",
    "C": "C, fairly reliable",
    "D": "D, not usually reliable",
    "E": "E, unreliable",
    "F": "F, cannot be judged",
}
"""NATO Admiralty code, reliability of the source."""

WHERE_PRECISION = {
    1: "exact place",
    2: "near the place",
    3: "district only",
    4: "province only",
    5: "along a line or in an area",
    6: "country only",
    7: "at sea or in the air",
}
"""UCDP GED where_prec."""

STATUSES = ("draft", "reviewed")
"""incident.status."""

OUTCOME = {
    "hit": "hit",
    "intercepted": "intercepted",
    "missed": "did not stop it",
    "not_engaged": "was not used",
    "malfunctioned": "malfunctioned",
    "fell_short": "fell short",
    "unknown": "outcome unknown",
}
"""incident_system.outcome of an air-defence or electronic-warfare system."""

WEAPON_OUTCOME = {**OUTCOME, "intercepted": "was intercepted", "missed": "missed", "hit": "hit"}
"""incident_system.outcome of a munition or platform."""
