"""What each plain command prints and how it ends: the contract that scripts rely on."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from db.visible import cells
from tests.cli.conftest import objects

Dateline = Callable[..., Any]

KEYS = [
    "key", "kind", "title", "summary", "event_type", "sub_event_type", "date_edtf", "date_earliest", "date_latest",
    "date_prec", "match", "place", "actors", "systems", "killed", "injured", "grade", "credibility", "status",
    "disputed", "roots", "documents", "tags", "starred", "quotes", "claims",
]  # fmt: skip
NESTED = {
    "place": ["name", "country_code", "latitude", "longitude", "where_prec"],
    "actors": ["name", "role", "attribution"],
    "systems": ["name", "class", "role", "outcome"],
    "killed": ["low", "best", "high"],
    "injured": ["low", "best", "high"],
    "quotes": ["document", "start", "end", "exact", "speaker", "chain", "verified"],
    "claims": ["field", "value", "polarity", "speaker"],
}


# -- list ---------------------------------------------------------------------------------------------------------


def test_list_json_has_exactly_the_keys_of_the_contract_in_order(dateline: Dateline, seeded: Path) -> None:
    done = dateline("list", "--json", "--store", seeded)
    found = objects(done.out)
    assert done.status == 0
    assert done.err == ""
    assert len(found) >= 25
    seen: set[str] = set()
    for record in found:
        assert list(record) == KEYS
        for name, keys in NESTED.items():
            values = record[name] if isinstance(record[name], list) else [record[name]]
            for value in values:
                if value is not None:
                    assert list(value) == keys, name
                    seen.add(name)
        assert record["match"] == "certain"
        assert record["kind"] in ("incident", "aggregate", "context")
        assert isinstance(record["starred"], bool)
        assert all(quote["verified"] is None for quote in record["quotes"]), "the texts are not in the store"
    assert seen == set(NESTED), "every nested shape was met"


def test_list_json_values(dateline: Dateline, story: Path) -> None:
    first, second = objects(dateline("list", "--json", "--store", story).out)
    assert first["key"] == "first"
    assert (first["date_earliest"], first["date_latest"], first["date_prec"]) == ("2021-05-04", "2021-05-04", 1)
    assert first["place"] == {
        "name": "Depot",
        "country_code": "IQ",
        "latitude": 33.3,
        "longitude": 44.4,
        "where_prec": 1,
    }
    assert first["injured"] == {"low": None, "best": 0, "high": None}, "0 is known, None is not"
    assert first["killed"] == {"low": None, "best": None, "high": None}
    assert first["documents"] == ["sol"]
    assert first["roots"] == 2
    hurt = first["quotes"][1]
    assert (hurt["speaker"], hurt["chain"]) == ("The mayor", ["Police", "The mayor"])
    assert (first["quotes"][0]["speaker"], first["quotes"][0]["chain"]) == ("Radio Sol", [])
    assert first["claims"] == [{"field": "injured", "value": "0", "polarity": "asserts", "speaker": "The mayor"}]
    assert second["claims"] == []


def test_list_text_is_in_timeline_order_and_marks_what_is_possible(dateline: Dateline, seeded: Path) -> None:
    done = dateline("list", "date:2021-04-12..2021-04-16", "--store", seeded)
    erbil = [line for line in done.out.splitlines() if "erbil-drone-2021-04" in line]
    assert len(erbil) == 1
    assert "(possible)" in erbil[0]
    assert "2 documents" in erbil[0]
    certain = dateline("list", "date:2021-04-12..2021-04-16 certain:date", "--store", seeded)
    assert "erbil-drone-2021-04" not in certain.out
    everything = dateline("list", "--store", seeded).out.splitlines()
    keys = [record["key"] for record in objects(dateline("list", "--json", "--store", seeded).out)]
    assert len(everything) == len(keys)
    assert all(key in line for key, line in zip(keys, everything, strict=True))


def test_list_limit(dateline: Dateline, seeded: Path) -> None:
    all_keys = [record["key"] for record in objects(dateline("list", "--json", "--store", seeded).out)]
    limited = [record["key"] for record in objects(dateline("list", "--json", "--limit", "3", "--store", seeded).out)]
    assert limited == all_keys[:3]
    assert dateline("list", "--limit", "0", "--store", seeded).out == ""
    assert dateline("list", "--limit", "-1", "--store", seeded).status == 2


@pytest.mark.parametrize("width", [40, 80, 120, 200])
def test_list_on_a_terminal_stays_within_its_width(
    dateline: Dateline, seeded: Path, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = dateline("list", "--store", seeded).out.splitlines()
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", str(width))
    lines = dateline("list", "--store", seeded).out.splitlines()
    assert len(lines) == len(whole)
    assert max(cells(line) for line in lines) <= width
    assert not any("…" in line for line in whole), "a pipe gets all of it"


def test_list_that_finds_nothing_says_so_on_stderr(dateline: Dateline, seeded: Path) -> None:
    done = dateline("list", "zeppelin", "--store", seeded)
    assert (done.status, done.out) == (0, "")
    assert done.err == "dateline: no incident matches\n"


def test_words_of_a_query_need_no_quoting_and_may_begin_with_a_minus(dateline: Dateline, seeded: Path) -> None:
    def keys(*words: str) -> list[str]:
        return [record["key"] for record in objects(dateline("list", *words, "--json", "--store", seeded).out)]

    drones, rest = keys("type:drone-strike"), keys("-type:drone-strike")
    assert drones
    assert sorted(drones + rest) == sorted(keys())
    assert keys("type:drone-strike", "-disputed:date") == keys("type:drone-strike -disputed:date")
    assert keys("type:drone-strike", "-disputed:date") != drones
    after = dateline("list", "--json", "--store", seeded, "--", "-type:drone-strike")
    assert [record["key"] for record in objects(after.out)] == rest


# -- count --------------------------------------------------------------------------------------------------------


def test_count(dateline: Dateline, seeded: Path) -> None:
    with sqlite3.connect(seeded) as connection:
        (incidents,) = connection.execute("SELECT count(*) FROM incident WHERE kind = 'incident'").fetchone()
    assert objects(dateline("count", "--json", "--store", seeded).out) == [
        {"certain": incidents, "possible": 0, "of": incidents}
    ]
    (april,) = objects(dateline("count", "date:2021-04-12..2021-04-16", "--json", "--store", seeded).out)
    assert list(april) == ["certain", "possible", "of"]
    assert april["possible"] >= 1
    text = dateline("count", "date:2021-04-12..2021-04-16", "--store", seeded).out
    assert text == f"{april['certain']} certain + {april['possible']} possible of {incidents}\n"


def test_count_by_is_most_first_and_equals_plain_sql(dateline: Dateline, seeded: Path) -> None:
    with sqlite3.connect(seeded) as connection:
        expected = connection.execute(
            "SELECT event_type, count(*) FROM incident WHERE kind = 'incident' GROUP BY 1 ORDER BY 2 DESC, 1"
        ).fetchall()
    counts = objects(dateline("count", "--by", "type", "--json", "--store", seeded).out)
    assert [(count["value"], count["certain"]) for count in counts] == expected
    assert all(list(count) == ["value", "certain", "possible"] for count in counts)
    lines = dateline("count", "--by", "type", "--store", seeded).out.splitlines()
    assert lines[0].split() == [str(expected[0][1]), "certain", "0", "possible", expected[0][0]]
    assert len(lines) == len(expected)


@pytest.mark.parametrize(
    ("facet", "hint"), [("typ", "did you mean type?"), ("contry", "did you mean country?"), ("zzz", "there are type, ")]
)
def test_count_by_an_unknown_facet(dateline: Dateline, seeded: Path, facet: str, hint: str) -> None:
    done = dateline("count", "--by", facet, "--store", seeded)
    assert (done.status, done.out) == (2, "")
    assert hint in done.err
    assert done.err.count("\n") == 1


# -- show ---------------------------------------------------------------------------------------------------------


def test_show_has_everything_in_words(dateline: Dateline, seeded: Path) -> None:
    done = dateline("show", "asad-drone-2021-05-08", "--store", seeded)
    assert done.status == 0
    lines = done.out.splitlines()
    assert lines[0] == "Drone damages hangar at Ain al-Asad"
    for word in ("Killed: unknown", "Injured: 0", "Disputed: weapon", "C-RAM: did not stop it", "(suspected)"):
        assert word in done.out, word
    disputed = lines.index("Disputed: weapon")
    rivals = lines[disputed + 1 : lines.index("", disputed)]
    assert any("Drone" in line and "US-led Coalition" in line for line in rivals)
    assert any("Rocket" in line and "Press TV" in line for line in rivals)
    assert "unverified, as the store does not have the text" in done.out
    with sqlite3.connect(seeded) as connection:
        quotes = connection.execute(
            "SELECT exact FROM quote JOIN incident AS i ON i.id = incident_id WHERE i.key = 'asad-drone-2021-05-08'"
        ).fetchall()
    assert quotes
    assert all(f"“{exact}”" in done.out for (exact,) in quotes)


def test_show_gives_the_chain_from_the_root_on(dateline: Dateline, story: Path) -> None:
    done = dateline("show", "first", "--store", story)
    assert "The mayor (told), by way of Police (said), in Radio Sol" in done.out
    assert "Radio Sol, in its own voice" in done.out


def test_show_json_is_the_record_of_list(dateline: Dateline, seeded: Path) -> None:
    shown = objects(dateline("show", "asad-drone-2021-05-08", "--json", "--store", seeded).out)
    listed = objects(dateline("list", "--json", "--store", seeded).out)
    assert shown == [record for record in listed if record["key"] == "asad-drone-2021-05-08"]
    assert list(shown[0]) == KEYS


def test_show_of_what_is_not_there_names_the_nearest(dateline: Dateline, seeded: Path) -> None:
    done = dateline("show", "asad-drone-2021-05-09", "--store", seeded)
    assert (done.status, done.out) == (2, "")
    assert "did you mean asad-drone-2021-05-08?" in done.err
    part = dateline("show", "victory", "--store", seeded)
    assert part.status == 2
    assert "victory-drones-2021-06-21" in part.err


# -- seed ---------------------------------------------------------------------------------------------------------


def test_seed_makes_the_store_that_was_named_and_is_safe_to_repeat(dateline: Dateline, tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "mine.db"
    first = dateline("seed", "--store", path)
    assert (first.status, first.out) == (0, "")
    assert "incidents" in first.err
    before = dateline("list", "--json", "--store", path).out
    again = dateline("seed", "--store", path)
    assert again.status == 0
    assert "nothing new" in again.err
    assert dateline("list", "--json", "--store", path).out == before
    assert [entry.name for entry in path.parent.iterdir() if not entry.name.endswith(("-wal", "-shm"))] == ["mine.db"]


def test_a_faulty_seed_file_loads_nothing_and_makes_no_store(dateline: Dateline, tmp_path: Path, story: Path) -> None:
    wrong = tmp_path / "wrong.sql"
    wrong.write_text("INSERT INTO incident (key, title) VALUES ('a', 'A');\nINSERT INTO incident (key) VALUES ('b');\n")
    path = tmp_path / "other" / "none.db"
    done = dateline("seed", wrong, "--store", path)
    assert done.status == 1
    assert "wrong.sql:2:" in done.err
    assert done.err.count("\n") == 1
    assert not path.exists()
    assert list(path.parent.iterdir()) == []
    before = dateline("list", "--json", "--store", story).out
    assert dateline("seed", wrong, "--store", story).status == 1
    assert dateline("list", "--json", "--store", story).out == before


def test_the_first_start_makes_the_default_store_from_the_seeds(dateline: Dateline, tmp_path: Path) -> None:
    first = dateline("count", "--json")
    assert first.status == 0
    assert "made your store" in first.err
    assert objects(first.out)[0]["of"] > 0
    (path,) = (tmp_path / "data").rglob("incidents.db")
    assert str(path) in first.err
    assert dateline("count", "--json").err == "", "only once"
    assert objects(dateline("info", "--json").out)[0]["path"] == str(path)


def test_dateline_store_names_the_store_and_the_option_wins(
    dateline: Dateline, seeded: Path, story: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATELINE_STORE", str(story))
    assert objects(dateline("count", "--json").out)[0]["of"] == 2
    assert objects(dateline("count", "--json", "--store", seeded).out)[0]["of"] > 2
    assert objects(dateline("--store", seeded, "count", "--json").out)[0]["of"] > 2
    assert objects(dateline(f"--store={seeded}", "count", "--json").out)[0]["of"] > 2
    assert objects(dateline("--store", seeded, "count", "--json", "--store", story).out)[0]["of"] == 2


# -- attach and verify --------------------------------------------------------------------------------------------


def test_attach_by_key_then_verify(dateline: Dateline, story: Path, text_file: Path) -> None:
    before = dateline("verify", "--store", story)
    assert before.status == 0, "an absent text is reported, not wrong"
    assert "0 of 3 quotes verified" in before.out
    done = dateline("attach", text_file, "--document", "sol", "--store", story)
    assert (done.status, done.out, done.err) == (0, "sol: 3 of 3 quotes verified\n", "")
    with sqlite3.connect(story) as connection:
        text, sha256, length = connection.execute("SELECT text, text_sha256, text_length FROM document").fetchone()
    raw = text_file.read_bytes()
    assert (text.encode(), sha256, length) == (raw, hashlib.sha256(raw).hexdigest(), len(raw.decode()))
    after = dateline("verify", "--store", story)
    assert after.status == 0
    assert "3 of 3 quotes verified" in after.out
    assert "nothing is wrong" in after.out
    assert all(
        q["verified"] is True for r in objects(dateline("list", "--json", "--store", story).out) for q in r["quotes"]
    )


def test_attach_finds_the_document_by_its_hash(dateline: Dateline, story: Path, text_file: Path) -> None:
    with sqlite3.connect(story) as connection:
        sha256 = hashlib.sha256(text_file.read_bytes()).hexdigest()
        connection.execute("UPDATE document SET text_sha256 = ?", (sha256,))
    connection.close()
    assert dateline("attach", text_file, "--store", story).out == "sol: 3 of 3 quotes verified\n"


def test_one_changed_letter_is_named_by_verify(dateline: Dateline, story: Path, text_file: Path) -> None:
    dateline("attach", text_file, "--document", "sol", "--store", story)
    with sqlite3.connect(story) as connection:
        connection.execute("UPDATE document SET text = replace(text, 'Nobody', 'Nobodi')")
    connection.close()
    done = dateline("verify", "--store", story)
    assert done.status == 1
    wrong = [line for line in done.out.splitlines() if line.startswith("WRONG")]
    assert any("quote" in line and "first, sol at " in line and "“Nobody was hurt”" in line for line in wrong)
    assert any("text" in line and "SHA-256" in line for line in wrong)
    assert len(wrong) == 2
    assert "2 of 3 quotes verified" in done.out
    faults = [finding for finding in objects(dateline("verify", "--json", "--store", story).out) if finding["wrong"]]
    assert [finding["what"] for finding in faults] == ["text", "quote"]
    assert list(faults[0]) == ["what", "where", "message", "wrong"]


def test_attach_of_another_text_moves_quotes_and_names_those_that_are_gone(
    dateline: Dateline, story: Path, text_file: Path
) -> None:
    text = text_file.read_bytes().decode()
    other = text_file.with_name("other.txt")
    other.write_bytes(("Corrected. " + text.replace("Nobody was hurt", "One man was hurt")).encode())
    done = dateline("attach", other, "--document", "sol", "--store", story)
    assert done.status == 1
    lines = done.out.splitlines()
    assert lines[0] == "sol: 2 of 3 quotes verified"
    assert sum(line.startswith("moved from ") for line in lines) == 2
    assert [line for line in lines if line.startswith("gone")] == ["gone: first: “Nobody was hurt”"]
    verified = dateline("verify", "--store", story)
    assert verified.status == 1
    assert "is gone" in verified.out
    back = dateline("attach", text_file, "--document", "sol", "--store", story)
    assert (back.status, back.out.splitlines()[0]) == (0, "sol: 3 of 3 quotes verified")
    assert dateline("verify", "--store", story).status == 0


def test_attach_asks_which_document_is_meant(dateline: Dateline, story: Path, text_file: Path, tmp_path: Path) -> None:
    done = dateline("attach", text_file, "--store", story)
    assert (done.status, done.out) == (2, "")
    assert "--document" in done.err
    assert "sol" in done.err
    assert "did you mean sol?" in dateline("attach", text_file, "--document", "sool", "--store", story).err
    for content, word in ((b"", "empty"), (b"caf\xe9", "UTF-8"), (b"a\0b", "NUL")):
        (tmp_path / "bad.txt").write_bytes(content)
        bad = dateline("attach", tmp_path / "bad.txt", "--document", "sol", "--store", story)
        assert bad.status == 2
        assert word in bad.err
    assert dateline("attach", tmp_path / "none.txt", "--store", story).status == 2
    assert "0 of 3" in dateline("verify", "--store", story).out


@pytest.mark.skipif("DATELINE_ARTICLES" not in os.environ, reason="needs the articles, which are not in the repository")
def test_the_articles_verify_every_bundled_quote(dateline: Dateline, seeded: Path) -> None:
    for article in sorted(Path(os.environ["DATELINE_ARTICLES"]).glob("*.txt")):
        assert dateline("attach", article, "--store", seeded).status == 0
    done = dateline("verify", "--store", seeded)
    with sqlite3.connect(seeded) as connection:
        (quotes,) = connection.execute("SELECT count(*) FROM quote").fetchone()
    assert done.status == 0
    assert f"{quotes} of {quotes} quotes verified" in done.out


# -- info ---------------------------------------------------------------------------------------------------------


def test_info(dateline: Dateline, story: Path) -> None:
    (found,) = objects(dateline("info", "--json", "--store", story).out)
    assert found["path"] == str(story)
    assert found["bytes"] > 0
    assert found["read_only"] is False
    assert found["store_version"] == found["newest_store_version"]
    assert found["sqlite_version"] == sqlite3.sqlite_version
    assert (found["first_day"], found["last_day"]) == ("2021-05-04", "2021-05-07")
    assert found["documents_with_text"] == 0
    assert (found["rows"]["incident"], found["rows"]["quote"], found["rows"]["log"]) == (2, 3, 1)
    text = dateline("info", "--store", story).out
    assert f"path: {story}\n" in text
    assert "  quote: 3\n" in text


def test_one_of_each_is_said_as_one(dateline: Dateline, tmp_path: Path) -> None:
    file, store = tmp_path / "one.sql", tmp_path / "new.db"
    file.write_text("INSERT INTO incident (key, title) VALUES ('a', 'A');")
    assert "it has 1 incident and 0 quotes" in dateline("seed", file, "--store", store).err
