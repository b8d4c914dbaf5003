"""The claim matrix: what the bundled stories say, and every relation against a slow reference."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db import claims, claims_text, full_text, read
from db.claims import Field, Matrix, Told, route_words
from db.disputes import Kinship, Said, Unrelated, rivals
from db.model import Claim, Document, Incident, Quote, Span, Speaker
from db.store import Store
from tests.support.witnesses import crowd

ASAD, VICTORY, ERBIL = "asad-drone-2021-05-08", "victory-drones-2021-06-21", "erbil-drone-2021-04"


def of(path: Path, key: str) -> Matrix:
    with Store.open(path) as store:
        found = claims.matrix(store.connection, read.incident_id(store.connection, key))
    assert found is not None
    return found


def said(matrix: Matrix, field: str) -> dict[str, Told]:
    """Speaker → its one claim of a field."""
    row = next(f for f in matrix.fields if f.name == field)
    assert all(len(cell.told) <= 1 for cell in row.cells.values())
    return {told.speaker: told for told in row.told}


def test_at_asad_a_drone_stands_against_rockets(template: Path) -> None:
    matrix = of(template, ASAD)
    weapon = said(matrix, "weapon")
    assert {name: (told.words, told.standing, told.picked) for name, told in weapon.items()} == {
        "US-led Coalition": ("Drone", "rival", False),
        "The Jerusalem Post": ("Drone", "rival", False),
        "Security Media Cell": ("Explosives-laden drone", "rival", True),
        "Press TV": ("Rocket", "rival", False),
    }
    rocket = weapon["Press TV"]
    assert set(matrix.speakers_of(rocket.rivals)) == set(weapon) - {"Press TV"}
    assert matrix.speakers_of(rocket.agrees) == ()
    assert set(matrix.speakers_of(weapon["US-led Coalition"].agrees)) == {"The Jerusalem Post", "Security Media Cell"}
    assert [f.name for f in matrix.fields if f.disputed] == ["weapon"]
    press = next(s for s in matrix.speakers if s.name == "Press TV")
    assert [route_words(route, matrix.documents) for route in press.routes] == ["in The Jerusalem Post, Sat 8 May 2021"]
    assert rocket.quote is not None
    assert rocket.quote.exact.endswith("failed to intercept the rockets")


def test_at_victory_monday_stands_against_tuesday_and_through_whom(template: Path) -> None:
    matrix = of(template, VICTORY)
    date = said(matrix, "date")
    assert (date["Sabereen News"].words, date["Sabereen News"].picked) == ("Tue 22 Jun 2021", False)
    assert (date["The Jerusalem Post"].words, date["The Jerusalem Post"].picked) == ("Mon 21 Jun 2021", True)
    assert date["Sabereen News"].rivals == (date["The Jerusalem Post"].claim.id,)
    sabereen, post = matrix.speakers
    assert [route_words(r, matrix.documents) for r in sabereen.routes] == [
        "via Press TV in The Jerusalem Post, Tue 22 Jun 2021"
    ]
    assert (sabereen.own, post.own) == (False, True)
    place = next(f for f in matrix.fields if f.name == "place")
    assert [place.cell(speaker.name).stance for speaker in matrix.speakers] == ["asserts", "silent"]


def test_one_publisher_over_two_documents_is_one_speaker(template: Path) -> None:
    matrix = of(template, ERBIL)
    assert len(matrix.documents) == 2
    assert [s.name for s in matrix.speakers] == ["The Jerusalem Post", "Reports of April 2021 (not named)"]


def test_every_number_is_what_plain_sql_counts(template: Path) -> None:
    with Store.open(template) as store:
        connection = store.connection
        for incident_id, key in connection.execute("SELECT id, key FROM incident").fetchall():
            matrix = claims.matrix(connection, incident_id)
            assert matrix is not None
            count = connection.execute("SELECT count(*) FROM claim WHERE incident_id = ?", (incident_id,)).fetchone()[0]
            assert sum(len(f.told) for f in matrix.fields) == count == sum(s.claims for s in matrix.speakers), key
            fields = connection.execute(
                "SELECT count(DISTINCT field) FROM claim WHERE incident_id = ?", (incident_id,)
            ).fetchone()[0]
            assert len(matrix.fields) == fields
            roots = connection.execute(
                "SELECT count(DISTINCT coalesce((SELECT a.name FROM attribution AS x JOIN actor AS a ON a.id = x.actor_id"
                " WHERE x.quote_id = q.id ORDER BY x.step DESC LIMIT 1), d.publisher, d.key))"
                " FROM quote AS q JOIN document AS d ON d.id = q.document_id WHERE q.incident_id = ?",
                (incident_id,),
            ).fetchone()[0]
            assert len(matrix.speakers) == roots == matrix.incident.roots, key
            disputed = {f.name.partition(":")[0] for f in matrix.fields if f.disputed}
            assert disputed == set(matrix.incident.disputed), key


def test_denials_silence_and_what_rests_on_no_quote(seeded: Path) -> None:
    with closing(sqlite3.connect(seeded)) as connection, connection:
        connection.executescript(f"""
            INSERT INTO claim (incident_id, quote_id, field, value, polarity)
                SELECT incident_id, id, 'weapon', 'drone', 'denies' FROM quote WHERE exact LIKE 'Tehran is likely%';
            INSERT INTO claim (incident_id, quote_id, field, value, polarity)
                SELECT incident_id, id, 'attacker', NULL, 'declines' FROM quote WHERE exact LIKE 'two fixed-wing%';
            INSERT INTO claim (incident_id, field, value, rank)
                SELECT id, 'date', '2021-06-23', 'deprecated' FROM incident WHERE key = '{VICTORY}';
            INSERT INTO claim (incident_id, field, value) SELECT id, 'motive', 'not told' FROM incident WHERE key = '{VICTORY}';
        """)
    matrix = of(seeded, VICTORY)
    weapon = said(matrix, "weapon")
    assert weapon["The Jerusalem Post"].standing == "denies"
    # A fixed-wing drone is a drone, so denying drones is at odds with it.
    assert weapon["The Jerusalem Post"].rivals == (weapon["Sabereen News"].claim.id,)
    assert said(matrix, "attacker")["Sabereen News"].standing == "declines"
    assert said(matrix, "attacker")["Sabereen News"].words == "any"
    date = said(matrix, "date")
    assert date[claims.NO_QUOTE].standing == "deprecated"
    assert date[claims.NO_QUOTE].rivals == ()
    assert matrix.speakers[-1].name == claims.NO_QUOTE
    assert matrix.fields[-1].label == "Motive"
    lines = claims_text.matrix_lines(matrix)
    assert any("The Jerusalem Post denies Drone; rival to Sabereen News" in line for line in lines)
    assert any("Sabereen News declines to say any" in line for line in lines)


VALUES: dict[str, list[str | None]] = {
    "date": ["2021-06-21", "2021-06-22", "2021-06", "soon", None],
    "weapon": ["drone", "fixed-wing-drone", "rocket", None],
    "damage": ["a hangar", "nothing", None],
    "outcome:c-ram": ["missed", "hit"],
}


@st.composite
def _claims(draw: st.DrawFn) -> list[Claim]:
    found = []
    for number in range(draw(st.integers(0, 14))):
        field = draw(st.sampled_from(sorted(VALUES)))
        value = draw(st.sampled_from(VALUES[field]))
        polarity = draw(st.sampled_from(["asserts", "asserts", "asserts", "denies", "declines"]))
        rank = draw(st.sampled_from(["normal", "normal", "preferred", "deprecated"]))
        quote = draw(st.one_of(st.none(), st.integers(1, 6)))
        found.append(Claim(number + 1, field, value, polarity, rank, quote, None, value))
    return found


def _incident(told: list[Claim]) -> Incident:
    """An incident with six quotes of four roots in two documents of one publisher."""
    chains = [(), ("A",), ("B", "A"), ("C",), ("C", "B"), ()]
    quotes = tuple(
        Quote(n, f"d{n % 2}", f"words {n}", n, n + 7, chain=tuple(Speaker(name, name.lower()) for name in chain))
        for n, chain in enumerate(chains, 1)
    )
    documents = (Document(1, "d0", publisher="Paper"), Document(2, "d1", publisher="Paper"))
    return Incident(
        1, "it", "incident", "It", None, None, None, "2021-06-21", None, None, 1, None, Span(), Span(), None, None, None,
        "draft", False, quotes=quotes, claims=tuple(told), documents=documents,
    )  # fmt: skip


class _Drones(Unrelated):
    def line(self, key: str) -> frozenset[str]:
        return frozenset({key, "drone"}) if key == "fixed-wing-drone" else frozenset({key})


@settings(max_examples=60, deadline=None)
@given(_claims())
def test_relations_equal_each_pair_looked_at_by_itself(told: list[Claim]) -> None:
    kin = {("drone", "fixed-wing-drone"), ("fixed-wing-drone", "drone")}
    related = _Drones()
    roots = {None: claims.NO_QUOTE, 1: "Paper", 2: "A", 3: "A", 4: "C", 5: "B", 6: "Paper"}
    matrix = claims.matrix_of(_incident(told), related)
    found = {t.claim.id: t for field in matrix.fields for t in field.told}
    assert set(found) == {claim.id for claim in told}
    for a in told:
        takes_part = a.rank != "deprecated" and a.polarity != "declines"
        against, alike = set(), set()
        for b in told:
            if b is a or b.field != a.field or not takes_part or b.rank == "deprecated" or b.polarity == "declines":
                continue
            x, y = (Said(c.field, c.value, c.polarity, c.rank) for c in (a, b))
            if rivals(x, y, related):
                against.add(b.id)
            elif a.polarity == b.polarity and a.value is not None and b.value is not None:
                # What is no rival on a field of one value says the same; of damage two values can both be true.
                same = (a.value == b.value) if a.field == "damage" or a.polarity == "denies" else True
                fits = (a.value, b.value) in kin or (
                    a.field == "date" and "2021-06" in (a.value, b.value) and "soon" not in (a.value, b.value)
                )
                if (same or (a.polarity == "denies" and fits)) and roots[a.quote_id] != roots[b.quote_id]:
                    alike.add(b.id)
        assert (set(found[a.id].rivals), set(found[a.id].agrees)) == (against, alike), a
        assert found[a.id].speaker == roots[a.quote_id]
    for field in matrix.fields:
        assert field.cells.keys() <= {speaker.name for speaker in matrix.speakers}
        for speaker in matrix.speakers:
            cell = field.cell(speaker.name)
            assert (cell.stance == "silent") == (not cell.told)
            assert all(t.speaker == speaker.name for t in cell.told)


def test_forty_speakers_have_a_column_each(seeded: Path) -> None:
    crowd(seeded, 40, some_killed=True)
    matrix = of(seeded, VICTORY)
    assert len(matrix.speakers) == 42 == matrix.incident.roots
    assert [s.claims for s in matrix.speakers] == sorted((s.claims for s in matrix.speakers), reverse=True)


def test_a_gone_incident_has_no_matrix(template: Path) -> None:
    with Store.open(template) as store:
        assert claims.matrix(store.connection, 10**9) is None


@pytest.mark.parametrize(
    "field", ["date", "place", "killed", "weapon", "attacker", "outcome:c-ram", "count:drone", "motive"]
)
def test_fields_have_names_for_people(field: str) -> None:
    label = claims.field_label(field, {"c-ram": "C-RAM"})
    assert label[0].isupper()
    assert ":" not in label


def test_kinship_is_the_stores(template: Path) -> None:
    with Store.open(template) as store:
        kin = Kinship(store.connection)
        assert kin("explosive-drone", "drone")
        assert not kin("rocket", "drone")


def test_the_speakers_of_very_many_fields_are_told_soon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once all cells are seen, nobody goes through them again for each claim."""
    many = 60
    with Store.create(tmp_path / "store.db") as store:
        with store.write("seed") as connection:
            connection.execute("INSERT INTO incident (id, key, title) VALUES (1, 'i', 'I')")
            connection.execute("INSERT INTO document (id, key, title) VALUES (1, 'd', 'D')")
            for i in range(1, many + 1):
                connection.execute("INSERT INTO actor (id, key, name) VALUES (?, ?, ?)", (i, f"a{i}", f"Actor {i}"))
                connection.execute(
                    "INSERT INTO quote (id, incident_id, document_id, exact) VALUES (?, 1, 1, 'q')", (i,)
                )
                connection.execute("INSERT INTO attribution (quote_id, step, actor_id) VALUES (?, 1, ?)", (i, i))
                connection.execute(
                    "INSERT INTO claim (incident_id, quote_id, field, value) VALUES (1, ?, ?, 'v')", (i, f"f{i:03}")
                )
        matrix = claims.matrix(store.connection, 1)
    assert matrix is not None
    asked = 0
    told = vars(Field)["told"].fget

    def counted(field: Field) -> tuple[Told, ...]:
        nonlocal asked
        asked += 1
        found: tuple[Told, ...] = told(field)
        return found

    monkeypatch.setattr(Field, "told", property(counted))
    assert sum("alone in it" in line for line in claims_text.matrix_lines(matrix)) == many
    assert asked <= 3 * many


def test_thousands_of_fields_and_speakers_take_no_product(tmp_path: Path) -> None:
    with Store.create(tmp_path / "s.db") as store:
        with store.write("fill") as connection:
            connection.execute("INSERT INTO incident (id, key, title) VALUES (1, 'x', 'X')")
            numbers = [(n,) for n in range(1, 3_001)]
            connection.executemany("INSERT INTO document (id, key) VALUES (?1, 'd' || ?1)", numbers)
            with full_text.quotes_at_once(connection, lambda: [1]):
                connection.executemany(
                    "INSERT INTO quote (id, incident_id, document_id, exact) VALUES (?1, 1, ?1, 'w')", numbers
                )
            connection.executemany(
                "INSERT INTO claim (incident_id, quote_id, field, value) VALUES (1, ?1, 'note' || ?1, 'v')", numbers
            )
        found = claims.matrix(store.connection, 1)
    assert found is not None
    assert (len(found.fields), len(found.speakers)) == (3_000, 3_000)
    assert sum(len(field.cells) for field in found.fields) == 3_000
    assert sum("and 2,899 more" in line for line in claims_text.matrix_lines(found)) == 3_000
