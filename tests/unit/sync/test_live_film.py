"""What is kept while a document changes is what reading it whole would give."""

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from pycrdt import Array, Doc, Map, Text

from sync.live_content import LiveContent
from sync.timeline.content import MAIN_TRACK
from sync.timeline.hand import ROOTS, content_of
from sync.timeline.resolve import LiveFilm, Resolved, canonical, resolve
from tests.unit.sync.film import FREE, Film

Edit = Callable[[Film], object]


def whole(found: Resolved) -> tuple[object, ...]:
    return canonical(found.view), found.repairs, {key: repr(each) for key, each in found.placed.items()}


def registers(doc: Doc[Any], clip: str) -> Map[Any]:
    entity = doc.get("clips", type=Map)[clip]
    assert isinstance(entity, Map)
    return entity


VALUES: dict[str, tuple[Any, ...]] = {
    "t": (MAIN_TRACK, FREE, "trk_gone", None, 7),
    "ord": ("A", "B", "V5", None, "?!"),
    "z": (0, 40, -3, 1.5, "x"),
    "in": (0, 5, 12, 30, None),
    "out": (1, 8, 15, 40, -2),
    "cut": (0, 4, 9, 20),
    "slip": (0, 7),
    "spd": ([1, 1], [2, 1], [1, 3], "fast"),
    "del": ({"by": "usr_x", "at": 1}, None),
    "lnk": ("lnk_a", "lnk_b", None),
    "xo": ({"k": "dissolve", "d": 8, "a": 4}, None),
}


def _anything(film: Film, rng: Random) -> None:
    """One register of one clip, one clip, one track or one marker, by somebody who keeps no rule at all."""
    clips = sorted(film.doc.get("clips", type=Map))
    clip, other = rng.choice(clips), rng.choice(clips)
    kind = rng.random()
    if kind < 0.6:
        key = rng.choice(sorted(VALUES))
        registers(film.doc, clip)[key] = rng.choice(VALUES[key])
    elif kind < 0.7:
        registers(film.doc, clip)["of"] = rng.choice((other, "clp_later", None))
    elif kind < 0.8:
        registers(film.doc, clip)["anc"] = rng.choice(({"c": other, "h": rng.randint(0, 30)}, None, 3))
    elif kind < 0.85:
        film.doc.get("clips", type=Map)[rng.choice(("clp_later", "clp_more"))] = Map({"t": FREE, "in": 0, "out": 9})
    elif kind < 0.9 and len(clips) > 3:
        del film.doc.get("clips", type=Map)[clip]
    elif kind < 0.95:
        tracks = film.doc.get("tracks", type=Map)
        deleted = rng.choice((None, 1))
        tracks[rng.choice((FREE, "trk_gone"))] = Map({"k": "audio", "ord": rng.choice("AZ"), "del": deleted})
    else:
        film.doc.get("markers", type=Map)["mrk_a"] = Map({"on": "clip", "c": clip, "f": rng.randint(0, 9)})


@pytest.mark.parametrize("seed", range(60))
def test_a_film_that_is_followed_is_the_film_that_is_resolved(seed: int) -> None:
    rng, film = Random(seed), Film()
    clips = [film.hand.insert(rng.choice((MAIN_TRACK, FREE)), place, rng.randint(8, 30)) for place in range(6)]
    film.hand.split(clips[0], film.hand.seen().placed[clips[0]].start + 4)
    content = LiveContent(film.doc, ROOTS)
    live = LiveFilm(content.json)
    for _ in range(60):
        for _ in range(rng.randint(1, 3)):
            _anything(film, rng)
        found = live.follow(content.follow())
        assert content.json == content_of(film.doc)
        assert whole(found) == whole(resolve(content_of(film.doc)))
    content.close()


def test_what_was_given_out_stays_as_it_is() -> None:
    film = Film()
    clips = [film.hand.insert(MAIN_TRACK, place, 10) for place in range(3)]
    content = LiveContent(film.doc, ROOTS)
    live = LiveFilm(content.json)
    before = live.resolved
    said = whole(before)
    film.hand.trim_tail(clips[0], -5)
    after = live.follow(content.follow())
    assert whole(before) == said
    assert after.placed[clips[1]].start == 5 and before.placed[clips[1]].start == 10
    content.close()


def test_what_an_edit_does_not_reach_stays_the_same_object() -> None:
    film = Film()
    clips = [film.hand.insert(MAIN_TRACK, place, 10) for place in range(3)]
    lone = film.hand.insert(FREE, 500, 20)
    content = LiveContent(film.doc, ROOTS)
    live = LiveFilm(content.json)
    before = live.resolved.placed
    film.hand.trim_tail(clips[1], -5)
    after = live.follow(content.follow()).placed
    assert [after[clip] is before[clip] for clip in (clips[0], clips[1], clips[2], lone)] == [True, False, False, True]
    content.close()


def test_live_content_follows_nested_types_and_values_of_a_flat_root() -> None:
    doc: Doc[Any] = Doc()
    scenes, meta = doc.get("scenes", type=Map), doc.get("meta", type=Map)
    scenes["scn_a"] = Map({"title": Text("Dawn"), "shots": Map({"sht_a": Map({"beats": Array(["one"])})})})
    live = LiveContent(doc, ("scenes", "meta"))
    assert live.follow() == {}
    scenes["scn_a"]["shots"]["sht_a"]["beats"].append("two")
    scenes["scn_a"]["title"].insert(0, "The ")
    meta["title"] = "Film"
    assert live.follow() == {"scenes": {"scn_a"}, "meta": {"title"}}
    assert live.json == {"scenes": scenes.to_py(), "meta": {"title": "Film"}}
    del scenes["scn_a"]
    assert live.follow() == {"scenes": {"scn_a"}} and live.json["scenes"] == {}
    live.close()
