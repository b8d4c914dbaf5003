"""The invented world of a synthetic store: words, names, places, actors, systems and documents, all from one seed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from db import dates
from db.dates import Day

Ints = NDArray[np.int64]

FIRST_DAY: Day = dates.day_number(1990, 1, 1)
LAST_DAY: Day = dates.day_number(2025, 12, 31)

COMMON = "ambush"
"""A word that about one incident in twenty has."""
RARE = "zarbatana"
"""A word that RARE_HITS incidents have, or a tenth of a smaller store."""
RARE_HITS = 20
PREFIX = "dro"
"""The beginning of a frequent word and of a dozen rarer ones: about one incident in eleven has one of them."""

EVENT_TYPES = (
    "armed-clash", "drone-strike", "rocket-fire", "shelling", "ied", "air-strike", "interception", "abduction",
    "protest", "raid", "looting", "arrest",
)  # fmt: skip
TAGS = tuple(f"batch-{letter}" for letter in "abcdefghijklmnopqrstuvwx")
ROLES = ("attacker", "target", "host", "claimant", "denier", "defender", "affected")
OUTCOMES = ("hit", "intercepted", "missed", "not_engaged", "malfunctioned", "fell_short", "unknown")
GRADES = ("confirmed", "fair", "weak", "contested", "discounted")
SYSTEM_CLASSES = ("uas", "rocket", "missile", "mortar", "ied", "aircraft", "air_defence", "ew", "laser")

_FREQUENT_TEXT = """
the in of and to by a on at was were for with from that after near said which had as his their an been
who it its has this is have be are not they he but two one also three between during other more over against under
about into several where before when killed forces police army militants attack injured soldiers village government
armed group reported civilians people city road convoy vehicle gunmen fire wounded officers local province district
area security state troops town military base checkpoint explosive device detonated explosion bomb roadside patrol
house market mosque church school tear gas arrested rebels commander fighters artillery mortar rockets missile"""
_FREQUENT = _FREQUENT_TEXT.split()
_DRO = (
    "drone",
    "drought",
    "dropped",
    "drones",
    "drown",
    "droplet",
    "drowned",
    "drove",
    "dross",
    "drogue",
    "drover",
    "droll",
    "drowsy",
)
_ONSETS = (
    "b",
    "ch",
    "d",
    "f",
    "g",
    "gr",
    "h",
    "j",
    "k",
    "kh",
    "l",
    "m",
    "n",
    "p",
    "r",
    "s",
    "sh",
    "st",
    "t",
    "v",
    "w",
    "y",
    "z",
)
_VOWELS = ("a", "e", "i", "o", "u", "aa", "ai", "ou", "ia")
_CODAS = ("", "", "", "n", "r", "l", "s", "m", "k", "t", "sh", "é")
_VOCABULARY = 30_000
_COMMON_RANK = 122
_TABLE_BITS = 20


@cache
def skewed(size: int, exponent: float) -> NDArray[np.int32]:
    """A table of 2**20 numbers below `size`: entry [uniform] is Zipf distributed, 0 the most frequent."""
    weights = 1.0 / np.arange(1, size + 1) ** exponent
    edges = np.cumsum(weights / weights.sum())
    steps = (np.arange(1 << _TABLE_BITS) + 0.5) / (1 << _TABLE_BITS)
    return np.minimum(np.searchsorted(edges, steps, side="right"), size - 1).astype(np.int32)


def draw(rng: np.random.Generator, table: NDArray[np.int32], size: int) -> Ints:
    """`size` draws from a table of `skewed`."""
    return table[rng.integers(0, 1 << _TABLE_BITS, size)].astype(np.int64)


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many of each thing a store of some number of incidents has."""

    incidents: int
    countries: int
    provinces: int
    places: int
    actors: int
    media: int
    systems: int
    documents: int

    @classmethod
    def of(cls, incidents: int) -> Sizes:
        """The sizes for a million (120 countries, 50,000 places, ...), scaled down for fewer."""

        def scaled(full: int, least: int, per: int) -> int:
            return min(full, max(least, incidents // per))

        countries = scaled(120, 4, 200)
        provinces = scaled(2_000, 2 * countries, 100)
        places = max(countries + provinces + 8, scaled(50_000, 20, 20))
        return cls(
            incidents, countries, provinces, places,
            scaled(8_000, 20, 125), scaled(200, 6, 1_000), scaled(200, 18, 200), scaled(5_000, 10, 100),
        )  # fmt: skip


class World:
    """Everything that incidents refer to.  Ids are 1 + the index into each list, as the store numbers them."""

    def __init__(self, incidents: int, seed: int, countries: list[tuple[str, str]]) -> None:
        """`countries` are (ISO 3166-1 code, name), as the store has them."""
        self.sizes = Sizes.of(incidents)
        self.rng = np.random.Generator(np.random.PCG64([seed, 0]))
        self._seen = {*_FREQUENT, *_DRO, COMMON, RARE}
        self.vocabulary = self._vocabulary()
        self.words = skewed(len(self.vocabulary), 1.0)
        self.sub_events = [f"{self._name()} action" for _ in range(30)]
        self._places(countries)
        self._actors()
        self._systems()
        self._documents()
        hits = min(RARE_HITS, max(1, incidents // 10))
        self.rare = frozenset((self.rng.choice(incidents, min(hits, incidents), replace=False) + 1).tolist())

    def _word(self) -> str:
        rng = self.rng
        while True:
            word = "".join(
                _ONSETS[rng.integers(len(_ONSETS))]
                + _VOWELS[rng.integers(len(_VOWELS))]
                + _CODAS[rng.integers(len(_CODAS))]
                for _ in range(rng.integers(2, 4))
            )
            if word not in self._seen and not word.startswith(PREFIX):
                self._seen.add(word)
                return word

    def _name(self) -> str:
        return self._word().capitalize()

    def _vocabulary(self) -> list[str]:
        words = [*_FREQUENT, *(self._word() for _ in range(_VOCABULARY - len(_FREQUENT)))]
        words.insert(_COMMON_RANK, COMMON)
        for rank, word in zip(np.geomspace(200, _VOCABULARY - 100, len(_DRO)).astype(int), _DRO, strict=True):
            words.insert(int(rank), word)
        return words

    def _places(self, countries: list[tuple[str, str]]) -> None:
        """Countries, their provinces, and towns in those; points lie around each country's own."""
        rng, sizes = self.rng, self.sizes
        picked = [countries[i] for i in rng.permutation(len(countries))[: sizes.countries]]
        centres = np.column_stack([rng.uniform(-45, 60, sizes.countries), rng.uniform(-170, 170, sizes.countries)])
        country_of = draw(rng, skewed(sizes.countries, 0.7), sizes.provinces)
        towns = sizes.places - sizes.countries - sizes.provinces
        province_of = draw(rng, skewed(sizes.provinces, 0.6), towns)
        owner = np.concatenate([np.arange(sizes.countries), country_of, country_of[province_of]])
        spread = np.concatenate([np.zeros(sizes.countries), np.full(sizes.provinces, 4.0), np.full(towns, 6.0)])
        points = centres[owner] + rng.uniform(-1, 1, (sizes.places, 2)) * spread[:, None]
        precision = np.concatenate(
            [
                np.full(sizes.countries, 6),
                np.full(sizes.provinces, 4),
                rng.choice(np.array([1, 2, 3, 5, 7]), towns, p=[0.5, 0.25, 0.17, 0.05, 0.03]),
            ]
        )
        kinds = ["country"] * sizes.countries + ["province"] * sizes.provinces + ["town"] * towns
        parents = [
            *[None] * sizes.countries,
            *(country_of + 1).tolist(),
            *(province_of + 1 + sizes.countries).tolist(),
        ]
        names = [name for _, name in picked] + [self._name() for _ in range(sizes.provinces + towns)]
        pointless = rng.random(sizes.places) < 0.02
        round_ = rng.random(sizes.places) < 0.1
        self.places = [
            (
                f"place-{i + 1}", names[i], kinds[i], picked[int(owner[i])][0], None,
                None if pointless[i] else round(float(points[i, 0]), 4),
                None if pointless[i] else round(float(points[i, 1]), 4),
                int(precision[i]), 5_000 if round_[i] else None, parents[i],
            )
            for i in range(sizes.places)
        ]  # fmt: skip
        self.place_names = names
        self.place_rank = rng.permutation(sizes.places)
        self.place_draw = skewed(sizes.places, 0.8)

    def _actors(self) -> None:
        sizes = self.sizes
        kinds = ("state_force", "armed_group", "civilian", "government", "contractor")
        suffixes = ("Army", "Front", "Residents", "Ministry", "Services")
        rows = []
        for i in range(sizes.actors):
            name = f"{self._name()} {suffixes[i % 5]}"
            rows.append((f"actor-{i + 1}", name, kinds[i % 5], None))
        rows += [(f"medium-{i + 1}", f"{self._name()} News", "media", None) for i in range(sizes.media)]
        self.actors = rows
        self.actor_draw = skewed(sizes.actors, 0.85)
        self.media_draw = skewed(sizes.media, 0.8)

    def _systems(self) -> None:
        """Families first, one for each class at least, and systems that are part of one."""
        families = max(len(SYSTEM_CLASSES), self.sizes.systems // 10)
        rows: list[tuple[str, str, str, int | None]] = []
        for i in range(self.sizes.systems):
            family = i % families
            parent = None if i < families else family + 1
            name = self._name()
            rows.append((f"system-{i + 1}", name, SYSTEM_CLASSES[family % len(SYSTEM_CLASSES)], parent))
        self.systems = rows
        self.system_rank = self.rng.permutation(len(rows))
        self.system_draw = skewed(len(rows), 0.8)
        self.system_roles = [
            (("munition",) if row[2] in ("rocket", "missile", "mortar", "ied") else ("platform",))
            if row[2] not in ("air_defence", "ew", "laser")
            else (("ew",) if row[2] == "ew" else ("air_defence",))
            for row in rows
        ]

    def _documents(self) -> None:
        """Documents in the order they appeared, so that an incident can pick one that is later than itself.

        Every 25th is a yearly review that many incidents rest on; every 50th has its text, and some have no date.
        """
        rng, count = self.rng, self.sizes.documents
        days = FIRST_DAY + ((LAST_DAY + 30 - FIRST_DAY) * np.sort(rng.random(count)) ** 0.55).astype(np.int64)
        days[-1] = LAST_DAY + 30
        self.published = days
        publishers = [f"{self._name()} {self._name()}" for _ in range(max(3, count // 15))]
        by = draw(rng, skewed(len(publishers), 0.8), count)
        grades = rng.choice(7, count, p=[0.08, 0.25, 0.3, 0.15, 0.05, 0.09, 0.08])
        self.dated = np.arange(count) % 41 != 5
        self.has_text = np.arange(count) % 50 == 7
        self.documents = [
            (
                f"document-{i + 1}", f"{self._name()} {self._name()}: report {i + 1}", publishers[int(by[i])],
                dates.iso(int(days[i])) if self.dated[i] else None, "en",
                "ABCDEF"[int(grades[i])] if grades[i] < 6 else None,
            )
            for i in range(count)
        ]  # fmt: skip

    def documents_after(self, rng: np.random.Generator, days: Ints) -> Ints:
        """For each day the index of a document that appeared on it or later, most often soon after or in a review."""
        first = np.searchsorted(self.published, days)
        soon = first + rng.geometric(0.2, len(days)) - 1
        review = -(-first // 25) * 25
        return np.minimum(np.where(rng.random(len(days)) < 0.4, review, soon), len(self.published) - 1)
