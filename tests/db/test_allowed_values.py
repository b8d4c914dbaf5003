"""Values that a column of the store may have stand in its schema; where Python names them too, it names the same."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import chain
from typing import get_args

import pytest

from db import linking, picking, rules, terms
from db.commands import doubles
from db.formats import listed

NAMED: tuple[tuple[str, str, Iterable[str]], ...] = (
    ("document", "reliability", terms.RELIABILITY),
    ("incident", "grade", terms.GRADE),
    ("incident", "status", terms.STATUSES),
    ("incident", "kind", listed.KINDS),
    ("incident_actor", "role", listed.ROLES),
    ("incident_system", "role", listed.SYSTEM_ROLES),
    ("incident_system", "outcome", terms.OUTCOME),
    ("incident_system", "outcome", terms.WEAPON_OUTCOME),
    ("incident_system", "outcome", picking.OUTCOMES),
    ("incident_link", "kind", linking.KINDS),
    ("incident_link", "kind", get_args(linking.Kind)),
    ("incident_link", "kind", [kind for kind in doubles.LINKS if kind != linking.DISTINCT]),
)


def allowed() -> dict[tuple[str, str], set[str]]:
    """Table and column → the values of its rule."""
    found = {}
    for table, rule in rules.rules():
        match = re.fullmatch(r"(\w+) IN \(('\w+'(?:, '\w+')*)\)", rule)
        if match:
            found[table, match[1]] = set(re.findall(r"'(\w+)'", match[2]))
    return found


@pytest.mark.parametrize(("table", "column", "named"), NAMED, ids=[f"{t}.{c}-{i}" for i, (t, c, _) in enumerate(NAMED)])
def test_python_names_the_values_of_the_schema(table: str, column: str, named: Iterable[str]) -> None:
    assert set(named) == allowed()[table, column]


def test_every_command_and_key_of_the_assessment_sets_a_value_of_the_schema() -> None:
    from tui.commands import ASSESSMENT

    values = allowed()
    for name in ASSESSMENT:
        column, _, value = name.partition("-")
        if column in ("grade", "status") and value != "unknown":
            assert value in values["incident", column], name
    assert {f"grade-{grade}" for grade in values["incident", "grade"]} <= set(ASSESSMENT)
    assert set(chain(*values.values())) >= {"incident", "hit", "asserts", "preferred"}
