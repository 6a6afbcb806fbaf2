"""Replicas of one timeline that are edited apart and together, by seed: do all end with the same film?

Every gesture is made on what its own replica shows. Deliveries are partial, and keep each author's own order.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random
from typing import Any

from pycrdt import Doc, Map

from sync.errors import SyncError
from sync.live_content import LiveContent
from sync.repair import Repair, write
from sync.timeline import seed
from sync.timeline.content import MAIN_TRACK, RECOVERED
from sync.timeline.gestures import Timeline
from sync.timeline.hand import ROOTS, UNMADE, content_of
from sync.timeline.places import Placed
from sync.timeline.resolve import LiveFilm, Resolved, canonical, resolve
from sync.undo import Undo
from tests.simulation.mixes import Mix
from tests.simulation.strangers import scribble_timeline

STEPS = 60
FREE = ("trk_a", "trk_b")
MARK = {"by": "usr_x", "at": 1}


class Wrong(AssertionError):
    """A history that ended badly; its message says how."""


@dataclass(slots=True)
class Outcome:
    """What one seed showed. `content`: of the end state, for another implementation to resolve."""

    content: dict[str, Any]
    canonical: str
    gestures: Counter[str] = field(default_factory=Counter)
    repairs: Counter[str] = field(default_factory=Counter)
    lanes: int = 0
    clips: int = 0


def play(number: int) -> Outcome:
    """Raises `Wrong`."""
    rng = Random(number)
    docs = _replicas(rng)
    gestures: Counter[str] = Counter()
    watched, glances = _Watched(docs[0]), Random(~number)
    mix = Mix(number, docs, rng, scribble_timeline, lambda doc: Undo(doc, ROOTS, lambda: MARK, unmade=UNMADE))
    for _ in range(STEPS):
        who = rng.randrange(len(docs))
        if rng.random() < 0.15:
            other = rng.randrange(len(docs))
            docs[other].apply_update(docs[who].get_update(docs[other].get_state()))
        elif rng.random() < 0.05:
            write(docs[who], resolve(content_of(docs[who])).repairs)  # a server that repairs in between
        else:
            gestures[mix.act(who, some_gesture)] += 1
        if glances.random() < 0.1:
            watched.check()
    meet(docs)
    watched.check()
    return _judge(docs, gestures)


class _Watched:
    """A film that is followed from edit to edit, and has to be the one that reading everything gives."""

    def __init__(self, doc: Doc[Any]) -> None:
        self._doc = doc
        self._content = LiveContent(doc, ROOTS)
        self._film = LiveFilm(self._content.json)

    def check(self) -> None:
        followed, whole = self._film.follow(self._content.follow()), resolve(content_of(self._doc))
        if canonical(followed.view) != canonical(whole.view) or followed.repairs != whole.repairs:
            raise Wrong("a film that is followed is not the film that is resolved")


def _replicas(rng: Random) -> list[Doc[Any]]:
    first: Doc[Any] = Doc(client_id=1)
    first.apply_update(seed.seed(1, (24, 1), "Film"))
    with first.transaction():
        for place, track in enumerate(FREE):
            first.get("tracks", type=Map)[track] = Map({"k": "audio", "mode": "free", "ord": f"W{place}"})
    hand = Timeline(first, rng.randbytes)
    for at in range(rng.randint(1, 3)):
        hand.insert(MAIN_TRACK, at, rng.randint(10, 60))
    hand.insert(FREE[0], rng.randint(0, 100), rng.randint(10, 60))
    docs = [first, *(Doc(client_id=2 + place) for place in range(rng.randint(2, 4)))]
    for doc in docs[1:]:
        doc.apply_update(first.get_update())
    return docs


def meet(docs: list[Doc[Any]]) -> None:
    for _ in range(2):
        for one in docs:
            for other in docs:
                other.apply_update(one.get_update(other.get_state()))


Act = Callable[[Timeline, Random, str, Placed], object]

ACTS: dict[str, Act] = {
    "move": lambda hand, rng, clip, each: hand.move(clip, each.start + rng.randint(-40, 40)),
    "reorder": lambda hand, rng, clip, each: hand.reorder(clip, rng.randint(0, 6)),
    "change_track": lambda hand, rng, clip, each: hand.change_track(clip, rng.choice((MAIN_TRACK, *FREE))),
    "trim_head": lambda hand, rng, clip, each: hand.trim_head(clip, rng.randint(-15, 15)),
    "trim_tail": lambda hand, rng, clip, each: hand.trim_tail(clip, rng.randint(-15, 15)),
    "slip": lambda hand, rng, clip, each: hand.slip(clip, rng.randint(-9, 9)),
    "slide": lambda hand, rng, clip, each: hand.slide(clip, rng.randint(-9, 9)),
    "roll": lambda hand, rng, clip, each: hand.roll(clip, rng.randint(-9, 9)),
    "split": lambda hand, rng, clip, each: hand.split(clip, each.start + rng.randint(0, each.frames)),
    "join": lambda hand, rng, clip, each: hand.join(clip),
    "ripple_delete": lambda hand, rng, clip, each: hand.ripple_delete(clip),
    "lift": lambda hand, rng, clip, each: hand.lift(clip),
    "retime": lambda hand, rng, clip, each: hand.retime(clip, rng.randint(1, 4), rng.randint(1, 4)),
    "anchor": lambda hand, rng, clip, each: hand.anchor(clip, rng.choice(sorted(hand.seen().placed))),
    "unanchor": lambda hand, rng, clip, each: hand.unanchor(clip),
    "link": lambda hand, rng, clip, each: hand.link(clip, rng.choice(sorted(hand.seen().placed))),
    "unlink": lambda hand, rng, clip, each: hand.unlink(clip),
    "marker": lambda hand, rng, clip, each: hand.marker(each.start, "here", clip if rng.random() < 0.5 else None),
    "insert": lambda hand, rng, clip, each: _insert(hand, rng),
    "overwrite": lambda hand, rng, clip, each: _overwrite(hand, rng),
    "add_track": lambda hand, rng, clip, each: hand.add_track("title", "Titles"),
    "remove_track": lambda hand, rng, clip, each: hand.remove_track(rng.choice(FREE)),
    "restore": lambda hand, rng, clip, each: hand.restore(rng.choice(sorted(content_of(hand.doc)["clips"]))),
}
RARE = {"add_track": 0.2, "remove_track": 0.1, "ripple_delete": 0.5, "marker": 0.3, "overwrite": 0.5}


def _insert(hand: Timeline, rng: Random) -> None:
    track = rng.choice((MAIN_TRACK, *FREE))
    hand.insert(track, rng.randint(0, 6) if track == MAIN_TRACK else rng.randint(0, 200), rng.randint(1, 60))


def _overwrite(hand: Timeline, rng: Random) -> None:
    hand.overwrite(rng.choice((MAIN_TRACK, *FREE)), rng.randint(0, 200), rng.randint(1, 40))


def some_gesture(doc: Doc[Any], rng: Random) -> str:
    """The name of what was done, with a question mark where it could not be."""
    hand = Timeline(doc, rng.randbytes, "usr_x", 1)
    placed = hand.seen().placed
    (name,) = rng.choices(list(ACTS), [RARE.get(act, 1.0) for act in ACTS])
    if not placed:
        name = "insert"
    clip = rng.choice(sorted(placed)) if placed else ""
    try:
        if name == "insert":
            _insert(hand, rng)
        else:
            ACTS[name](hand, rng, clip, placed[clip])
    except SyncError:
        return f"{name}?"
    return name


def with_repairs(content: Mapping[str, Any], repairs: Sequence[Repair]) -> dict[str, Any]:
    """A copy of the content of a document in which they are written."""
    repaired = deepcopy(dict(content))
    for repair in repairs:
        entities = repaired.setdefault(repair.root, {})
        entities[repair.id] = repair.value if repair.key is None else {**entities[repair.id], repair.key: repair.value}
    return repaired


# The judgement -------------------------------------------------------------------------------------------


def _judge(docs: list[Doc[Any]], gestures: Counter[str]) -> Outcome:
    contents = [content_of(doc) for doc in docs]
    if any(canonical(content) != canonical(contents[0]) for content in contents):
        raise Wrong("the replicas hold different content")
    films = [resolve(content) for content in contents]
    if any(canonical(film.view) != canonical(films[0].view) or film.repairs != films[0].repairs for film in films):
        raise Wrong("the replicas show different films")
    film = films[0]
    check(film)
    write(docs[0], film.repairs)
    late: Doc[Any] = Doc()
    late.apply_update(docs[0].get_update())
    again = resolve(content_of(late))
    if again.repairs:
        raise Wrong(f"repaired, and still wanting: {again.repairs[:3]}")
    if canonical(again.view) != canonical(_without_todo(film, again)):
        raise Wrong("the film changes when it is repaired")
    return Outcome(
        contents[0],
        canonical({"view": film.view, "repairs": [list(repair) for repair in film.repairs]}),
        gestures,
        Counter(repair.name for repair in film.repairs),
        max((each.lane for each in film.placed.values()), default=0),
        len(film.placed),
    )


def _without_todo(film: Resolved, again: Resolved) -> dict[str, Any]:
    """Repairs may add markers for people to look at; that is all they may add to what is seen."""
    known = {marker["id"] for marker in film.view["markers"]}
    new = [marker for marker in again.view["markers"] if marker["id"] not in known]
    markers = sorted([*film.view["markers"], *new], key=lambda marker: (marker["at"], marker["id"]))
    return {**film.view, "markers": markers}


def check(film: Resolved) -> None:
    """The invariants of docs/timeline.md. Raises `Wrong`."""
    rows: dict[tuple[str, int], list[Placed]] = {}
    families: dict[str, list[Placed]] = {}
    tracks = {shown["id"] for shown in film.view["tracks"]}
    for each in film.placed.values():
        rows.setdefault((each.track, each.lane), []).append(each)
        families.setdefault(each.clip.root, []).append(each)
        if each.frames < 1 or each.out <= each.in_ or each.start < 0:
            raise Wrong(f"{each.clip.id} has no length: {each}")
        if each.track not in tracks and each.track != RECOVERED:
            raise Wrong(f"{each.clip.id} is on no track")
    for (track, _), row in rows.items():
        row.sort(key=lambda each: each.start)
        for before, after in pairwise(row):
            gap = after.start - before.start - before.frames
            if gap < 0 or (track == MAIN_TRACK and gap > 0):
                raise Wrong(f"{before.clip.id} and {after.clip.id} on {track}: {gap} frames between them")
    for family in families.values():
        family.sort(key=lambda each: each.in_)
        for before, after in pairwise(family):
            if before.out > after.in_:
                raise Wrong(f"{before.clip.id} and {after.clip.id} show the same media")
