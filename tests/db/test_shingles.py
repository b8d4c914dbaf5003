"""Shingles: Broder's two measures by hand, and pairs from postings against comparing each with each."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from db.shingles import CROWD, Overlap, alike, overlap, shared_words, shingles, words_of

WIRE = "Two fixed-wing drones laden with explosives struck the base early on Tuesday, a source said."
COPY = "TWO FIXED WING DRONES laden with explosives struck the base, officials told reporters."


def test_the_measures_by_hand() -> None:
    assert words_of("État-major, ÜNAL’s 2nd") == ["etat", "major", "unal", "s", "2nd"]
    assert shingles("a b c d") == set()
    assert shingles("a b c d e f") == {("a", "b", "c", "d", "e"), ("b", "c", "d", "e", "f")}
    found = overlap("a b c d e f g", "b c d e f g h i")
    assert found == Overlap(3, 4, 2)
    assert found.resemblance == 2 / 5
    assert found.containment == 2 / 3
    assert Overlap(0, 3, 0).containment == Overlap(0, 0, 0).resemblance == 0


def test_shared_words_are_written_as_in_the_text() -> None:
    assert shared_words(WIRE, COPY) == "Two fixed-wing drones laden with explosives struck the base"
    assert shared_words(COPY, WIRE) == "TWO FIXED WING DRONES laden with explosives struck the base"
    assert shared_words(WIRE, "nothing of it") == ""
    assert shared_words("a b c d e", "a b c d e") == "a b c d e"


def test_a_crowd_is_joined_in_a_chain() -> None:
    texts = [f"the very same words of the agency {n}" for n in range(CROWD + 10)]
    pairs = {(a, b) for a, b, _ in alike(texts, [0] * len(texts), 2, 0.3)}
    assert pairs == {(n, n + 1) for n in range(len(texts) - 1)}


words = st.lists(st.sampled_from(["a", "b", "c", "É", "e-f", ",", "ß"]), max_size=14).map(" ".join)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(words, st.integers(0, 2)), max_size=8), st.integers(1, 3), st.sampled_from([0.0, 0.5, 1.0]))
def test_postings_find_what_comparing_each_with_each_finds(
    made: list[tuple[str, int]], least: int, containment: float
) -> None:
    slow = [
        (a, b, found)
        for (a, (one, group)), (b, (other, of_other)) in combinations(enumerate(made), 2)
        if group == of_other and (found := overlap(one, other)).shared >= least and found.containment >= containment
    ]
    assert alike([text for text, _ in made], [group for _, group in made], least, containment) == slow
