"""What docs/seeding.md says of the words and dates of a seed file is so."""

from __future__ import annotations

import re
from pathlib import Path

from db import dates, schema
from db.statements import masked
from db.store import Store

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs" / "seeding.md").read_text(encoding="utf-8")


def test_masking_keeps_every_position() -> None:
    sql = "SELECT 'it''s (SELECT id FROM actor)', \"a'b\" -- 'c\nFROM t /* 'x' */ WHERE y = 'z'"
    code = masked(sql)
    assert len(code) == len(sql)
    assert "actor" not in code
    assert code.index("FROM t") == sql.index("FROM t")


def test_the_words_to_choose_from_are_all_in_the_docs(template: Path) -> None:
    tables = (Path(schema.__file__).parent / "sql" / "0001_tables.sql").read_text(encoding="utf-8")
    lists = re.findall(r"CHECK \(\w+ IN \(([^)]*)\)\)", tables)
    words = {word for allowed in lists for word in re.findall(r"'(\w+)'", allowed)}
    assert len(words) > 30
    with Store.open(template) as store:
        types = {row[0] for row in store.connection.execute("SELECT DISTINCT event_type FROM incident")}
    assert [word for word in words | types if f"`{word}`" not in DOCS] == []


def test_the_date_forms_of_the_docs_can_be_read() -> None:
    table = DOCS[DOCS.index("| the text says | write |") : DOCS.index("Make the words that gave the date")]
    forms = re.findall(r"\| `([^`]+)`", table)
    assert len(forms) == 12
    for form in forms:
        dates.parse(form)
