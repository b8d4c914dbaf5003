"""What is part of itself, over any number of steps."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping


def part_rings(connection: sqlite3.Connection, table: str) -> list[set[int]]:
    """The rings of a table's rows by their `part_of` ("actor", "place" or "system"), as sets of ids."""
    steps = connection.execute(f"SELECT id, part_of FROM {table} WHERE part_of IS NOT NULL ORDER BY id")
    return rings({one: (other,) for one, other in steps})


def linked_rings(connection: sqlite3.Connection) -> list[set[int]]:
    """The rings of incidents by the links that make one a part of another, as sets of ids."""
    above: dict[int, list[int]] = {}
    for one, other in connection.execute("SELECT from_id, to_id FROM incident_link WHERE kind = 'part_of' ORDER BY id"):
        above.setdefault(one, []).append(other)
    return rings(above)


def rings(above: Mapping[int, Collection[int]]) -> list[set[int]]:
    """The sets of things of which each is, by one or more steps, part of each other of its set, and so of itself.

    `above` has what each thing is part of.  Tarjan's strongly connected components (SIAM J. Comput. 1, 1972), without
    recursion, as chains have thousands of steps; linear in the number of things and steps.
    """
    found: list[set[int]] = []
    number: dict[int, int] = {}
    lowest: dict[int, int] = {}
    open_things: list[int] = []
    is_open: set[int] = set()
    way: list[tuple[int, Iterator[int]]] = []

    def enter(thing: int) -> None:
        number[thing] = lowest[thing] = len(number)
        open_things.append(thing)
        is_open.add(thing)
        way.append((thing, iter(above.get(thing, ()))))

    for first in above:
        if first not in number:
            enter(first)
        while way:
            thing, steps = way[-1]
            for there in steps:
                if there not in number:
                    enter(there)
                    break
                if there in is_open:
                    lowest[thing] = min(lowest[thing], number[there])
            else:
                way.pop()
                if way:
                    below = way[-1][0]
                    lowest[below] = min(lowest[below], lowest[thing])
                if lowest[thing] == number[thing]:
                    ring: set[int] = set()
                    while thing not in ring:
                        ring.add(open_things.pop())
                    is_open -= ring
                    if len(ring) > 1 or thing in above.get(thing, ()):
                        found.append(ring)
    return found
