"""A snapshot as blobs of a container, and back."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np

from db.engine.arrays import Column
from db.engine.container import Container, DamagedError, Writer, json_of
from db.engine.dictionary import Dictionary
from db.engine.facet_columns import Facet, Linked, Slots
from db.engine.fitting import check
from db.engine.snapshot import Estimate, Places, Snapshot

_COLUMNS = ("ids", "first", "last", "dated", "counted", "timed_ids", "timed_codes", "place")
_PLACES = ("ids", "latitude", "longitude", "slack")
_BITS = "bits"
_KIND = re.compile(r"[<|>=](?:[iu][1248]|f[48])")
"""Types of arrays in numpy's own words, the order of bytes first."""


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


def thaw(container: Container, shape: object) -> Snapshot:
    """The snapshot that `freeze` wrote; raises DamagedError for anything else."""
    match shape:
        case {"arrays": dict(arrays), "facets": dict(facets), "numbers": list(names), "single": list(single)}:
            snapshot = _Thawing(container, arrays).snapshot(facets, names, single)
        case _:
            raise DamagedError("shape")
    check(snapshot)
    return snapshot


class _Thawing:
    """Reads one container; `arrays` is name → [type, length]."""

    def __init__(self, container: Container, arrays: dict[str, object]) -> None:
        self._container = container
        self._arrays = arrays
        self._dictionaries: dict[str, Dictionary] = {}
        self._place = self._array("place")

    def snapshot(self, facets: dict[str, object], names: list[object], single: list[object]) -> Snapshot:
        """The columns as they are in the file, each by itself sound."""
        numbers = {}
        for name in names:
            low = self._array(f"low.{name}")
            numbers[str(name)] = Estimate(low, low if name in single else self._array(f"high.{name}"))
        return Snapshot(
            **{name: self._array(name) if name != "place" else self._place for name in _COLUMNS},
            places=Places(**{name: self._array(f"places.{name}") for name in _PLACES}),
            numbers=numbers,
            flags={name[5:]: self._array(name) for name in self._arrays if name.startswith("flag.")},
            facets={name: self._facet(name, about) for name, about in facets.items()},
        )

    def _array(self, name: str) -> Column:
        match self._arrays.get(name):
            case [str(kind), int(count)] if count >= 0:
                blob = self._container.read(name)
            case _:
                raise DamagedError(name)
        if kind == _BITS:
            if len(blob) != (count + 7) // 8:
                raise DamagedError(name)
            return np.unpackbits(np.frombuffer(blob, np.uint8), count=count).view(np.bool_)
        if not _KIND.fullmatch(kind) or len(blob) != count * np.dtype(kind).itemsize:
            raise DamagedError(name)
        return np.frombuffer(blob, kind)

    def _dictionary(self, name: str) -> Dictionary:
        if name not in self._dictionaries:
            match json_of(self._container.read(f"values.{name}")):
                case list(values):
                    self._dictionaries[name] = Dictionary(values)
                case _:
                    raise DamagedError(name)
        return self._dictionaries[name]

    def _facet(self, name: str, about: object) -> Facet:
        match about:
            case {"dictionary": str(dictionary), "slots": int(count)} if 0 <= count <= len(self._arrays):
                slots = tuple(self._array(f"slot.{name}.{i}") for i in range(count))
                spill = self._array(f"spill.{name}.at"), self._array(f"spill.{name}.codes")
                return Slots(self._dictionary(dictionary), len(self._place), slots, *spill)
            case {"dictionary": str(dictionary), **rest} if "slots" not in rest:
                links = self._array(f"link.{name}.owners"), self._array(f"link.{name}.codes")
                return Linked(self._dictionary(dictionary), self._place, *links)
        raise DamagedError(name)
