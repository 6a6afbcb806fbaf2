"""Finding scenes, shots and markers by their words."""

from typing import Any

import pytest

from services.projects.model import Project, ProjectKind
from sync import ids
from sync.timeline.content import MAIN_TRACK
from tests.integration.api.studio import Person, Studio, path


async def search(person: Person, project: Project, q: str, **more: Any) -> dict[str, Any]:
    answer = await person.http.get(f"{path(project)}/search", params={"q": q, **more})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def found(person: Person, project: Project, q: str, **more: Any) -> list[str]:
    return [hit["id"] for hit in (await search(person, project, q, **more))["hits"]]


def shown(pieces: list[dict[str, Any]]) -> str:
    """With what was asked for in brackets."""
    return "".join(f"[{piece['text']}]" if piece["match"] else piece["text"] for piece in pieces)


async def test_words_are_found_in_every_part_of_a_scene(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    scene = await studio.scene(
        ada,
        project,
        number="12A",
        title="Departure",
        prompt="A locomotive breathes steam.",
        slug={"ie": "EXT", "loc": "Platform", "tod": "NIGHT"},
        dialogue=[{"c": "ANNA", "txt": "Wohin fährt er?"}],
    )
    other = await studio.scene(ada, project, title="Arrival", prompt="Nobody waits.")
    for asked in ("12a", "departure", "STEAM", "platform night", "anna", "fährt", "loco", '"breathes steam"'):
        assert await found(ada, project, asked) == [scene], asked
    assert await found(ada, project, "steam nobody") == []
    assert sorted(await found(ada, project, "steam or nobody")) == sorted([scene, other])
    assert await found(ada, project, "a -steam") == [other]
    assert await found(ada, project, '"steam breathes"') == []


@pytest.mark.parametrize(
    ("prompt", "asked", "marked"),
    [
        ("He says \u201ctrain\u201d\u2014and leaves.", "train", "He says \u201c[train]\u201d\u2014and leaves."),
        ("\u591c\u306e\u5217\u8eca\u3002", "\u5217\u8eca", "\u591c\u306e[\u5217][\u8eca]\u3002"),
        ("L\u2019\u00c9COLE", "\u00e9cole", "L\u2019[\u00c9COLE]"),
    ],
)
async def test_words_of_every_script_are_found(
    studio: Studio, ada: Person, prompt: str, asked: str, marked: str
) -> None:
    project = await studio.project(ada)
    await studio.scene(ada, project, prompt=prompt)
    (hit,) = (await search(ada, project, asked))["hits"]
    assert shown(hit["snippet"]) == marked


async def test_an_excluded_word_is_excluded_as_it_stands(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    scene = await studio.scene(ada, project, prompt="A carpet on a wall.")
    assert await found(ada, project, "wall -car") == [scene]
    assert await found(ada, project, "wall -carpet") == []


async def test_a_hit_shows_where_its_words_are(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    scene = await studio.scene(ada, project, number="1", title="The train", prompt=f"{'Rain. ' * 60}A train at dawn.")
    (hit,) = (await search(ada, project, "tra"))["hits"]
    assert shown(hit["title"]) == "1 The [train]"
    assert shown(hit["snippet"]) == "\u2026 " + "Rain. " * 7 + "A [train] at dawn."
    assert len(shown(hit["snippet"])) < 200
    assert (hit["kind"], hit["id"], hit["scene"], hit["frame"]) == ("scene", scene, scene, None)
    assert (hit["document"], hit["seq"]) == (ids.encode(project.storyboard.id), 1)


async def test_a_snippet_is_text_and_nothing_in_it_is_markup(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    attack = "see <script>alert(1)</script> \x02train\x03 </b> train & <img src=x onerror=alert(1)>"
    await studio.scene(ada, project, title="<b>train</b>", prompt=attack)
    (hit,) = (await search(ada, project, "train"))["hits"]
    assert "".join(piece["text"] for piece in hit["snippet"]) == attack
    assert [piece["text"] for piece in hit["snippet"] if piece["match"]] == ["train", "train"]
    assert all(set(piece) == {"text", "match"} for piece in hit["title"] + hit["snippet"])


async def test_better_hits_come_first_and_pages_go_on(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    titled = await studio.scene(ada, project, title="Train", prompt="It leaves.")
    others = [await studio.scene(ada, project, prompt=f"In shot {number} a train.") for number in range(5)]
    everything = await found(ada, project, "train")
    assert everything[0] == titled
    assert sorted(everything[1:]) == sorted(others)
    reached: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = await search(ada, project, "train", limit=2, **after)
        reached += [hit["id"] for hit in page["hits"]]
        if page["next"] is None:
            break
        after = {"cursor": page["next"]}
    assert reached == everything


async def test_markers_are_found_where_they_stand(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    gestures = [
        {"gesture": "insert", "track": MAIN_TRACK, "at": 0, "frames": 48},
        {"gesture": "marker", "frame": 30, "name": "Check the train's colour"},
    ]
    await studio.scene(ada, project, prompt="A train.")
    edited = await ada.http.post(f"/v1/documents/{ids.encode(project.timeline.id)}/edits", json={"gestures": gestures})
    marker = edited.json()["made"][1]
    (hit,) = (await search(ada, project, "train", kind="marker"))["hits"]
    assert (hit["kind"], hit["id"], hit["frame"], hit["scene"]) == ("marker", marker, 30, None)
    assert hit["document"] == ids.encode(project.timeline.id)
    assert len(await found(ada, project, "train")) == 2


async def test_what_is_gone_is_found_no_more(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    scene = await studio.scene(ada, project, prompt="A train.")
    await ada.http.patch(f"{path(project)}/scenes/{scene}", json={"prompt": "A boat."})
    assert await found(ada, project, "train") == []
    assert await found(ada, project, "boat") == [scene]


async def test_a_deleted_episode_is_searched_again_once_it_is_back(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada, ProjectKind.SERIES)
    episode = (await ada.http.post(f"{path(project)}/episodes", json={"title": "Two"})).json()["id"]
    scene = await studio.scene(ada, project, prompt="A train.", episode=episode)
    (hit,) = (await search(ada, project, "train"))["hits"]
    assert (hit["id"], hit["episode"]) == (scene, episode)
    await ada.http.delete(f"{path(project)}/episodes/{episode}")
    assert await found(ada, project, "train") == []
    await ada.http.post(f"{path(project)}/episodes/{episode}/restore")
    assert await found(ada, project, "train") == [scene]


async def test_another_project_is_never_searched(studio: Studio, ada: Person) -> None:
    mine, other = await studio.project(ada), await studio.project(ada)
    await studio.scene(ada, other, prompt="A train.")
    assert await found(ada, mine, "train") == []


@pytest.mark.parametrize("asked", ["!!!", "'", "\\", "' & !x:*", "((", "a:b", "<->", "%", "\u2029", "-", '"', "x'y\\"])
async def test_whatever_is_typed_is_a_search(studio: Studio, ada: Person, asked: str) -> None:
    project = await studio.project(ada)
    await studio.scene(ada, project, prompt="A train.")
    assert await found(ada, project, asked) in ([], await found(ada, project, "train"))


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({}, "q"),
        ({"q": ""}, "q"),
        ({"q": "x" * 201}, "q"),
        ({"q": "a\x00b"}, "q"),
        ({"q": "a", "kind": "film"}, "kind"),
        ({"q": "a", "limit": 51}, "limit"),
        ({"q": "a", "cursor": "nowhere"}, "cursor"),
    ],
)
async def test_what_cannot_be_asked_names_the_field(
    studio: Studio, ada: Person, asked: dict[str, Any], field: str
) -> None:
    project = await studio.project(ada)
    answer = await ada.http.get(f"{path(project)}/search", params=asked)
    assert (answer.status_code, answer.json()["field"]) == (422, field)
