"""Shots, texts and the film of a timeline as rows (A10), and how few of them one edit writes (C16)."""

import random
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from pycrdt import Doc, Map

from services.documents.editor import DocumentEditor
from services.documents.kept import KeptDocuments
from services.documents.projector import Projector
from storage.bus import Bus
from storage.events import read_events
from storage.log import DocumentLog, Head
from sync import ids
from sync.storyboard import server
from sync.timeline.content import MAIN_TRACK, RECOVERED
from sync.timeline.gestures import Timeline
from sync.timeline.seed import add_clip, seed
from tests import scenery

NewStoryboard = Callable[[], Awaitable[Head]]
SERVER_CLIENT = 4_100_000_001
SCENES, SHOTS, CLIPS = 1_000, 5, 1_000


@pytest.fixture
def projector(editor: DocumentEditor, pool: asyncpg.Pool, bus: Bus) -> Projector:
    return Projector(KeptDocuments(editor), pool, bus)


@pytest.fixture
def new_timeline(pool: asyncpg.Pool, log: DocumentLog, new_storyboard: NewStoryboard) -> NewStoryboard:
    async def make() -> Head:
        project_id = (await new_storyboard()).project_id
        async with pool.acquire() as connection, connection.transaction():
            state = seed(SERVER_CLIENT, (24, 1), "Cut")
            return await log.create(connection, project_id, "tl", uuid4(), SERVER_CLIENT, state)

    return make


async def edit(editor: DocumentEditor, head: Head, change: Callable[[Doc[Any]], None]) -> int:
    return (await editor.edit(head.document_id, change, origin="test", batch_id=uuid4())).seq


def scene(number: int, shots: int = 0, **more: Any) -> scenery.NewScene:
    made = [
        scenery.NewShot(f"sht_{number}_{place}", f"a{place}", "MCU", "eye", "static", 35, 48, f"Shot {place}.")
        for place in range(shots)
    ]
    values = {"num": str(number), "title": f"Title {number}", "prompt": f"Prompt {number}", **more}
    return scenery.NewScene(id=f"scn_{number}", ord=f"a{number:05d}", shots=made, **values)


def add_scenes(start: int, end: int, doc: Doc[Any]) -> None:
    for number in range(start, end):
        scenery.add_scene(doc, scene(number, SHOTS))


def hand(doc: Doc[Any]) -> Timeline:
    return Timeline(doc, random.Random(1).randbytes, "usr_test", 1)


async def table(pool: asyncpg.Pool, head: Head, name: str, columns: str, order: str = "id") -> list[tuple[Any, ...]]:
    found = await pool.fetch(f"select {columns} from {name} where document_id = $1 order by {order}", head.document_id)
    return [tuple(row) for row in found]


async def written(pool: asyncpg.Pool, head: Head, *names: str) -> dict[str, tuple[int, int]]:
    """Of each table: how many rows there are, and how many of them the newest projection wrote."""
    counts = {}
    for name in names:
        query = (
            f"select count(*), count(*) filter (where xmin = (select xmin from documents where id = $1))"
            f" from {name} where document_id = $1"
        )
        ((total, new),) = await pool.fetch(query, head.document_id)
        counts[name] = (total, new)
    return counts


async def test_shots_are_rows_in_the_order_of_their_scene(
    projector: Projector, editor: DocumentEditor, pool: asyncpg.Pool, new_storyboard: NewStoryboard
) -> None:
    head = await new_storyboard()
    first = await edit(editor, head, lambda doc: scenery.add_scene(doc, scene(1, shots=2)))
    await projector.project(head.document_id)

    def change(doc: Doc[Any]) -> None:
        scenery.add_shot(doc, "scn_1", scenery.NewShot("sht_new", "a00", "", "", "", 2**40, 2**40, "\x00In"))

    second = await edit(editor, head, change)
    await projector.project(head.document_id)
    columns = "id, scene_id, position, size, angle, move, lens_mm, frames, description, seq"
    assert await table(pool, head, "shots", columns, "position") == [
        ("sht_1_0", "scn_1", 0, "MCU", "eye", "static", 35, 48, "Shot 0.", first),
        ("sht_new", "scn_1", 1, None, None, None, None, None, "\ufffdIn", second),
        ("sht_1_1", "scn_1", 2, "MCU", "eye", "static", 35, 48, "Shot 1.", second),
    ]


async def test_the_words_of_scenes_and_shots_are_rows(
    projector: Projector, editor: DocumentEditor, pool: asyncpg.Pool, new_storyboard: NewStoryboard
) -> None:
    head = await new_storyboard()
    told = scene(
        1, 1, slug={"ie": "INT", "loc": "Bar", "tod": "NIGHT"}, dlg=[{"c": "ANNA", "txt": "Who\x01?"}, {"txt": "Me."}]
    )
    await edit(editor, head, lambda doc: scenery.add_scene(doc, told))
    await projector.project(head.document_id)
    assert await table(pool, head, "texts", "kind, id, scene_id, title, body, body_words", "kind") == [
        (
            "scene",
            "scn_1",
            "scn_1",
            "1 Title 1",
            "INT Bar NIGHT\nPrompt 1\nANNA: Who\x01?\nMe.",
            "int bar night prompt 1 anna who me",
        ),
        ("shot", "sht_1_0", "scn_1", "MCU eye static", "Shot 0.", "shot 0"),
    ]


async def test_more_words_than_an_index_takes_are_cut(
    projector: Projector, editor: DocumentEditor, pool: asyncpg.Pool, new_storyboard: NewStoryboard
) -> None:
    """PostgreSQL refuses a text with more than a mebibyte of different words; one scene must not stop the others."""
    head = await new_storyboard()
    words = [" ".join(f"\U00010330{line:03d}{word:03d}" for word in range(222)) for line in range(200)]
    told = scene(1, dlg=[{"c": "A", "txt": text} for text in words])
    await edit(editor, head, lambda doc: scenery.add_scene(doc, told))
    assert await projector.project(head.document_id)
    assert await table(pool, head, "texts", "length(body)") == [(100_000,)]


async def test_a_timeline_is_shown_as_it_is_resolved(
    projector: Projector, editor: DocumentEditor, pool: asyncpg.Pool, new_timeline: NewStoryboard
) -> None:
    head = await new_timeline()
    made: dict[str, str] = {}

    def change(doc: Doc[Any]) -> None:
        timeline = hand(doc)
        made["one"] = timeline.insert(MAIN_TRACK, 0, 40, scn="scn_1", src={"k": "scene", "take": "latest"}, sht="sht_1")
        made["two"] = timeline.split(made["one"], 30)
        made["sound"] = timeline.add_track("audio", "Sound")
        made["bell"] = timeline.insert(made["sound"], 35, 10, src={"k": "asset", "id": "ab" * 32})
        timeline.anchor(made["bell"], made["two"])
        timeline.slip(made["two"], 3)
        timeline.retime(made["bell"], 2, 1)
        made["look"] = timeline.marker(33, "look", made["two"])

    seq = await edit(editor, head, change)
    assert await projector.project(head.document_id)
    places = "id, track_id, lane, start_frame, frames, in_frame, out_frame, media_frame, speed_num, speed_den, seq"
    one, two, sound, bell = made["one"], made["two"], made["sound"], made["bell"]
    assert await table(pool, head, "clips", places, "start_frame") == [
        (one, MAIN_TRACK, 0, 0, 30, 0, 30, 0, 1, 1, seq),
        (two, MAIN_TRACK, 0, 30, 10, 30, 40, 33, 1, 1, seq),
        (bell, sound, 0, 35, 5, 0, 10, 0, 2, 1, seq),
    ]
    plays = "id, scene_id, shot_id, source::text, anchor_id, is_on"
    assert await table(pool, head, "clips", plays, "start_frame") == [
        (one, "scn_1", "sht_1", '{"k": "scene", "take": "latest"}', None, True),
        (two, "scn_1", "sht_1", '{"k": "scene", "take": "latest"}', None, True),
        (bell, None, None, '{"k": "asset", "id": "' + "ab" * 32 + '"}', two, True),
    ]
    assert await table(pool, head, "tracks", "id, position, kind, name, lanes, is_on", "position") == [
        (MAIN_TRACK, 0, "video", "Main", 1, True),
        (sound, 1, "audio", "Sound", 1, True),
    ]
    assert await table(pool, head, "markers", "id, frame, name, clip_id") == [(made["look"], 33, "look", two)]
    assert await table(pool, head, "texts", "kind, id, title") == [("marker", made["look"], "look")]


async def test_a_removed_track_is_a_row_no_more_and_its_clips_are_recovered(
    projector: Projector, editor: DocumentEditor, pool: asyncpg.Pool, new_timeline: NewStoryboard
) -> None:
    head = await new_timeline()
    made: dict[str, str] = {}

    def change(doc: Doc[Any]) -> None:
        made["sound"] = hand(doc).add_track("audio", "Sound")
        made["bell"] = hand(doc).insert(made["sound"], 35, 10)

    await edit(editor, head, change)
    await projector.project(head.document_id)
    await edit(editor, head, lambda doc: hand(doc).remove_track(made["sound"]))
    await projector.project(head.document_id)
    assert [row[0] for row in await table(pool, head, "tracks", "id", "position")] == [MAIN_TRACK, RECOVERED]
    assert await table(pool, head, "clips", "id, track_id") == [(made["bell"], RECOVERED)]
    await edit(editor, head, lambda doc: hand(doc).lift(made["bell"]))
    await projector.project(head.document_id)
    assert await table(pool, head, "clips", "id") == []


async def test_followers_are_told_that_a_film_has_changed(
    projector: Projector, editor: DocumentEditor, pool: asyncpg.Pool, new_timeline: NewStoryboard
) -> None:
    head = await new_timeline()
    await projector.project(head.document_id)

    async def told() -> list[dict[str, Any]]:
        return [event.payload for event in await read_events(pool, head.project_id, 1) if event.kind == "timeline"]

    made: list[str] = []
    seqs = [await edit(editor, head, lambda doc: made.append(hand(doc).insert(MAIN_TRACK, 0, 24)))]
    await projector.project(head.document_id)
    await edit(editor, head, lambda doc: doc.get("ext", type=Map).update({"k": 1}))
    await projector.project(head.document_id)
    seqs.append(await edit(editor, head, lambda doc: hand(doc).ripple_delete(made[0])))
    await projector.project(head.document_id)
    document = ids.encode(head.document_id)
    assert await told() == [{"tl": document, "epoch": 1, "seq": seq} for seq in seqs]
    assert await table(pool, head, "clips", "id") == []


async def test_cut_revisions_are_rows(
    projector: Projector, editor: DocumentEditor, pool: asyncpg.Pool, new_timeline: NewStoryboard
) -> None:
    head = await new_timeline()

    def change(doc: Doc[Any]) -> None:
        cuts = doc.get("cuts", type=Map)
        cuts["cut_1"] = Map({"title": "Rough", "by": "usr_1", "at": 1_700_000_000_000, "snap": "s", "hash": "cd" * 32})
        cuts["cut_2"] = Map({"title": None, "at": -5})

    seq = await edit(editor, head, change)
    await projector.project(head.document_id)
    assert await table(pool, head, "cuts", "id, title, named_by, named_at_ms, snapshot, hash, seq") == [
        ("cut_1", "Rough", "usr_1", 1_700_000_000_000, "s", "cd" * 32, seq),
        ("cut_2", "", None, None, None, None, seq),
    ]


async def test_what_json_cannot_hold_is_stored_without_it(
    projector: Projector, editor: DocumentEditor, pool: asyncpg.Pool, new_timeline: NewStoryboard
) -> None:
    head = await new_timeline()
    odd = {"k": "gen", "params": {"a\x00": [float("nan"), float("inf"), 1.5, 2.0, b"\x00\xff"]}}
    await edit(editor, head, lambda doc: doc.get("clips", type=Map).update({"c": Map({"t": MAIN_TRACK, "src": odd})}))
    await projector.project(head.document_id)
    ((source,),) = await table(pool, head, "clips", "source::text")
    assert source == '{"k": "gen", "params": {"a\ufffd": [null, null, 1.5, 2, "AP8="]}}'


async def test_c16_one_edit_of_a_thousand_scenes_writes_its_row_only(
    projector: Projector, editor: DocumentEditor, pool: asyncpg.Pool, new_storyboard: NewStoryboard
) -> None:
    head = await new_storyboard()

    for start in range(0, SCENES, 250):
        await edit(editor, head, partial(add_scenes, start, start + 250))
    await projector.project(head.document_id)
    tables = ("scenes", "shots", "texts")
    all_scenes, all_shots, all_texts = SCENES, SCENES * SHOTS, SCENES * (SHOTS + 1)
    assert await written(pool, head, *tables) == {
        "scenes": (all_scenes, all_scenes),
        "shots": (all_shots, all_shots),
        "texts": (all_texts, all_texts),
    }

    def longer(doc: Doc[Any]) -> None:
        doc.get("shots", type=Map)["sht_500_2"]["dur_f"] = 72

    await edit(editor, head, longer)
    await projector.project(head.document_id)
    assert await written(pool, head, *tables) == {
        "scenes": (all_scenes, 0),
        "shots": (all_shots, 1),
        "texts": (all_texts, 0),
    }
    await edit(editor, head, lambda doc: server.set_keys(doc, "scn_3", {"title": "New"}))
    await projector.project(head.document_id)
    assert await written(pool, head, *tables) == {
        "scenes": (all_scenes, 1),
        "shots": (all_shots, 0),
        "texts": (all_texts, 1),
    }


async def test_c16_one_edit_of_a_thousand_clips_writes_its_row_only(
    projector: Projector, editor: DocumentEditor, pool: asyncpg.Pool, new_timeline: NewStoryboard
) -> None:
    head = await new_timeline()

    def many(doc: Doc[Any]) -> None:
        for number in range(CLIPS):
            add_clip(doc, f"clp_{number}", ord=f"a{number:05d}", frames=24, scene_id=f"scn_{number}")

    await edit(editor, head, many)
    await projector.project(head.document_id)
    assert await written(pool, head, "clips") == {"clips": (CLIPS, CLIPS)}
    await edit(editor, head, lambda doc: hand(doc).slip("clp_500", 5))
    await projector.project(head.document_id)
    assert await written(pool, head, "clips", "tracks") == {"clips": (CLIPS, 1), "tracks": (1, 0)}
    await edit(editor, head, lambda doc: hand(doc).trim_tail("clp_990", -4))
    await projector.project(head.document_id)
    assert await written(pool, head, "clips") == {"clips": (CLIPS, 10)}, "what follows it on the main track moves"
