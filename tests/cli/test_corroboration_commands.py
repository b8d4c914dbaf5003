"""`dateline roots`, `systems` and `without`: what they print, in words and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Dateline, objects
from tests.support.wire_copy import WORDS, with_wire_copy

SECOND = "jpost-2021-06-22"


def test_roots_says_how_many_reports_come_from_how_few_roots(seeded: Path, dateline: Dateline) -> None:
    done = dateline("roots", "place:victory-base", "kind:incident", "--store", seeded)
    assert done.status == 0
    assert done.out.splitlines() == [
        "victory-drones-2021-06-21: 3 reports, 2 roots, Two drones strike Victory base, Baghdad",
        f"  Sabereen News: 2 quotes, by way of Press TV, in {SECOND}",
        f"  The Jerusalem Post: 2 quotes, in {SECOND} (its own voice)",
        "1 incident: 3 reports, 2 roots (2 different by name); 0 on one root alone, 0 on no quote",
    ]


def test_roots_as_json_agree_with_the_list(seeded: Path, dateline: Dateline) -> None:
    *found, last = objects(dateline("roots", "--json", "--store", seeded).out)
    listed = objects(dateline("list", "--json", "--store", seeded).out)
    assert [(r["key"], r["roots"], r["documents"], r["quotes"]) for r in found] == [
        (r["key"], r["roots"], len(r["documents"]), len(r["quotes"])) for r in listed
    ]
    for each in found:
        assert each["roots"] == len(each["which"]) <= each["reports"]
        assert each["quotes"] == sum(root["quotes"] for root in each["which"])
    incidents = [r for r in found if r["kind"] == "incident"]
    assert last["summary"] == {
        "incidents": len(incidents),
        "without_quotes": 0,
        "single_source": sum(r["roots"] == 1 for r in incidents),
        "reports": sum(r["reports"] for r in incidents),
        "roots": sum(r["roots"] for r in incidents),
        "different_roots": len({root["root"] for r in incidents for root in r["which"]}),
        "suspected": 0,
    }


def test_a_suspicion_is_listed_confirmed_and_taken_back(seeded: Path, dateline: Dateline) -> None:
    with_wire_copy(seeded, later_first=True)
    (found,) = objects(dateline("roots", "--suspected", "--json", "--store", seeded).out)
    assert (found["incident"], found["of"], found["containment"]) == ("victory-drones-2021-06-21", "quotes", 1.0)
    assert (found["first"]["root"], found["second"]["root"], found["words"]) == ("Wire", "Copy", WORDS)
    pair = found["pair"]
    plain = dateline("roots", "--suspected", "--store", seeded).out
    assert plain.startswith(f"suspected one root, {pair}: Wire in wire and Copy in copy, victory-drones-2021-06-21\n")

    def rooted(number: int) -> bool:
        return dateline("count", f"roots:{number}", "place:victory-base", "--store", seeded).out.startswith("1 certain")

    assert rooted(4)
    assert dateline("roots", "--same", pair, "--store", seeded).status == 0
    assert rooted(3)
    assert dateline("roots", "--suspected", "--store", seeded).err.endswith("no roots are suspected to be one\n")
    assert dateline("verify", "--store", seeded).status == 0
    assert dateline("roots", "--take-back", pair, "--store", seeded).status == 0
    assert rooted(4)
    assert dateline("roots", "--not-same", pair, "--store", seeded).status == 0
    assert dateline("roots", "--suspected", "--store", seeded).out == ""
    assert rooted(4)


def test_a_pair_that_is_none_is_refused(seeded: Path, dateline: Dateline) -> None:
    for arguments, words in (
        (("--same", "12"), "names no pair"),
        (("--same", "1+2", "--not-same", "1+2"), "one thing of one pair"),
        (("--same", "1+2", "drone"), "needs no query"),
        (("--same", "1+9999"), "no quote 9999"),
        (("--take-back", "1+2"), "nothing was said"),
    ):
        done = dateline("roots", *arguments, "--store", seeded)
        assert (done.status, done.out) == (2, ""), arguments
        assert words in done.err


def test_systems_has_who_did_not_intercept_and_who_did(seeded: Path, dateline: Dateline) -> None:
    found = {r["key"]: r for r in objects(dateline("systems", "--json", "--store", seeded).out)}
    for key in ("c-ram", "patriot-pac-2", "avenger"):
        assert found[key]["missed"]["incidents"] > 0 == found[key]["intercepted"]["incidents"]
        assert all(use["tied"] for use in found[key]["behind"])
        assert all("intercept" in quote["exact"] for use in found[key]["behind"] for quote in use["quotes"])
    dome = found["iron-dome"]
    assert (dome["intercepted"]["incidents"], dome["missed"]["incidents"], dome["engaged"]) == (1, 0, 1)
    assert "shot at least one of them down" in dome["behind"][0]["quotes"][0]["exact"]
    lines = dateline("systems", "place:victory-base", "--store", seeded).out.splitlines()
    assert [line for line in lines if not line.startswith(" ")] == [
        "AN/TWQ-1 Avenger: 1 incident: did not stop it 1",
        "C-RAM: 1 incident: did not stop it 1",
    ]
    assert "no matching incident" in dateline("systems", "zeppelin", "--store", seeded).err


def test_without_the_second_article(seeded: Path, dateline: Dateline) -> None:
    *found, last = objects(dateline("without", "--document", SECOND, "--json", "--store", seeded).out)
    listed = objects(dateline("list", "--json", "--store", seeded).out)
    assert [r["key"] for r in found if r["effect"] == "vanishes"] == [
        r["key"] for r in listed if r["documents"] == [SECOND]
    ]
    (erbil,) = [r for r in found if r["effect"] != "vanishes"]
    assert (erbil["key"], erbil["before"]["documents"], erbil["after"]["documents"]) == ("erbil-drone-2021-04", 2, 1)
    assert last["summary"] == {
        "without": SECOND, "vanish": 5, "single_source": 1, "change": 0, "not_counted": 13, "of": 20,
    }  # fmt: skip
    lines = dateline("without", "--document", SECOND, "place:erbil", "kind:incident", "--store", seeded).out
    assert lines.splitlines() == [
        "single-source: erbil-drone-2021-04: roots 2 → 1, documents 2 → 1, quotes 3 → 2: Drone attacks CIA hangar at Erbil"
        " airport",
        f"without {SECOND}: 0 vanish, 1 single-source, 0 change",
    ]


def test_without_wants_something_that_is_there(seeded: Path, dateline: Dateline) -> None:
    for arguments, words in (
        ((), "name what to leave out"),
        (("--document", "jpost"), "no document 'jpost'"),
        (("--speaker", "Press"), "did you mean Press TV"),
        (("--below", "Z"), "no grade of the scale"),
        (("--document", SECOND, "typ:x"), "typ"),
    ):
        done = dateline("without", *arguments, "--store", seeded)
        assert (done.status, done.out) == (2, ""), arguments
        assert words in done.err


def test_only_what_cannot_be_true_beside_the_pick_is_a_rival(dateline: Dateline, tmp_path: Path) -> None:
    claims = [
        {"field": "outcome:c-ram", "value": "intercepted", "rank": "deprecated"},
        {"field": "outcome:c-ram", "value": "hit", "polarity": "denies"},
        {"field": "outcome:c-ram", "value": "missed", "polarity": "denies"},
        {"field": "outcome:c-ram", "polarity": "declines"},
    ]
    rows = [
        {"dateline": 1},
        {"document": {"key": "d", "publisher": "Pub"}},
        {"system": {"key": "c-ram", "name": "C-RAM", "class": "air_defence"}},
        {
            "incident": {
                "key": "a",
                "title": "A",
                "systems": [{"system": "c-ram", "role": "air_defence", "outcome": "missed"}],
                "quotes": [{"document": "d", "exact": "it hit", "claims": claims}],
            }
        },
    ]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert dateline("import", tmp_path / "a.jsonl", "--store", tmp_path / "s.db").status == 0
    printed = dateline("systems", "--store", tmp_path / "s.db").out.splitlines()
    assert [line.strip() for line in printed if " Pub " in line and "“" not in line] == [
        "set aside: Pub says intercepted",
        "besides: Pub denies hit",
        "rival: Pub denies missed",
        "besides: Pub does not confirm any outcome",
    ]


def test_the_commands_take_the_name_of_a_speaker_that_they_give(tmp_path: Path, dateline: Dateline) -> None:
    """A document without a publisher is counted, found, left out and told under one name, which is not its title."""
    seed, store = tmp_path / "voice.sql", tmp_path / "voice.db"
    seed.write_text(
        "INSERT INTO incident (key, title) VALUES ('x', 'X');"
        "INSERT INTO document (key, title) VALUES ('report-7', 'Weekly report');"
        "INSERT INTO quote (incident_id, document_id, exact) VALUES (1, 1, 'three died');"
        "INSERT INTO claim (incident_id, quote_id, field, value) VALUES (1, 1, 'killed', '3'), (1, 1, 'killed', '4');"
    )
    assert dateline("seed", seed, "--store", store).status == 0
    (row,) = map(json.loads, dateline("count", "--by", "speaker", "--json", "--store", store).out.splitlines())
    assert row["value"] == "report-7"
    assert dateline("without", "--speaker", row["value"], "--store", store).status == 0
    assert json.loads(dateline("count", "speaker:report-7", "--json", "--store", store).out)["certain"] == 1
    told = dateline("claims", "x", "--store", store).out
    assert "report-7, in its own voice" in told and "Weekly report, in its own voice" not in told
