"""A snapshot as blobs of a container, and back."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from db.engine.arrays import Column
from db.engine.container import Container, DamagedError, Writer
from db.engine.dictionary import Dictionary
from db.engine.facet_columns import Facet, Linked, Slots
from db.engine.snapshot import Estimate, Places, Snapshot

_COLUMNS = ("ids", "first", "last", "dated", "counted", "timed_ids", "timed_codes", "place")
_PLACES = ("ids", "latitude", "longitude", "slack")
_BITS = "bits"
_KINDS = frozenset("biuf")


def freeze(snapshot: Snapshot, writer: Writer) -> dict[str, Any]:
    """Write a snapshot's arrays as blobs; returns what `thaw` has to know beside them, JSON."""
    arrays: dict[str, Column] = {name: getattr(snapshot, name) for name in _COLUMNS}
    arrays |= {f"places.{name}": getattr(snapshot.places, name) for name in _PLACES}
    arrays |= {f"flag.{name}": flags for name, flags in snapshot.flags.items()}
    singles = []
    for name, numbers in snapshot.numbers.items():
        arrays[f"low.{name}"] = numbers.low
        if numbers.high is numbers.low:
            singles.append(name)
        else:
            arrays[f"high.{name}"] = numbers.high
    dictionaries: dict[int, str] = {}
    facets: dict[str, dict[str, Any]] = {}
    for name, facet in snapshot.facets.items():
        if id(facet.dictionary) not in dictionaries:
            dictionaries[id(facet.dictionary)] = name
            writer.add(f"values.{name}", json.dumps(facet.dictionary.values).encode())
        facets[name] = {"dictionary": dictionaries[id(facet.dictionary)]}
        if isinstance(facet, Slots):
            facets[name]["slots"] = len(facet.slots)
            arrays |= {f"slot.{name}.{i}": slot for i, slot in enumerate(facet.slots)}
            arrays |= {f"spill.{name}.at": facet.spill_at, f"spill.{name}.codes": facet.spill_codes}
        elif isinstance(facet, Linked):
            arrays |= {f"link.{name}.owners": facet.owners, f"link.{name}.codes": facet.codes}
    types = {}
    for name, array in arrays.items():
        types[name] = (_BITS if array.dtype == np.bool_ else array.dtype.str, len(array))
        writer.add(name, np.packbits(array).tobytes() if array.dtype == np.bool_ else array.tobytes())
    return {"arrays": types, "facets": facets, "numbers": list(snapshot.numbers), "single": singles}


def thaw(container: Container, about: dict[str, Any]) -> Snapshot:
    """The snapshot that `freeze` wrote; raises DamagedError."""

    def array(name: str) -> Column:
        kind, count = about["arrays"][name]
        blob = container.read(name)
        if kind == _BITS:
            return np.unpackbits(np.frombuffer(blob, np.uint8), count=count).view(np.bool_)
        dtype = np.dtype(kind)
        if dtype.kind not in _KINDS or len(blob) != count * dtype.itemsize:
            raise DamagedError(name)
        return np.frombuffer(blob, dtype)

    dictionaries: dict[str, Dictionary] = {}

    def dictionary(name: str) -> Dictionary:
        if name not in dictionaries:
            dictionaries[name] = Dictionary(json.loads(container.read(f"values.{name}")))
        return dictionaries[name]

    place = array("place")

    def facet(name: str, shape: dict[str, Any]) -> Facet:
        values = dictionary(shape["dictionary"])
        if "slots" not in shape:
            return Linked(values, place, array(f"link.{name}.owners"), array(f"link.{name}.codes"))
        slots = tuple(array(f"slot.{name}.{i}") for i in range(shape["slots"]))
        return Slots(values, len(place), slots, array(f"spill.{name}.at"), array(f"spill.{name}.codes"))

    numbers = {}
    for name in about["numbers"]:
        low = array(f"low.{name}")
        numbers[name] = Estimate(low, low if name in about["single"] else array(f"high.{name}"))
    return Snapshot(
        **{name: array(name) if name != "place" else place for name in _COLUMNS},
        places=Places(**{name: array(f"places.{name}") for name in _PLACES}),
        numbers=numbers,
        flags={name[5:]: array(name) for name in about["arrays"] if name.startswith("flag.")},
        facets={name: facet(name, shape) for name, shape in about["facets"].items()},
    )
