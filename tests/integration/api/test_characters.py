"""Characters over HTTP: made out of the project's media, changed, found by their face, deleted and brought back."""

import math
import secrets

import pytest

from services.continuity.model import CHARACTERS_MAX
from services.projects.model import Project
from storage.tables import media
from storage.tables.media import MediaRow
from sync import ids
from tests.integration.api.studio import Person, Studio, path


async def given(studio: Studio, project: Project, content_type: str) -> str:
    hash = secrets.token_hex(32)
    await media.add_media(studio.state.stores.pool, project.id, MediaRow(hash, content_type, 10))
    return hash


def face(degrees: float) -> list[float]:
    """A direction in the plane of the first two of 512."""
    return [math.cos(math.radians(degrees)), math.sin(math.radians(degrees)), *[0.0] * 510]


async def test_a_character_lives(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    characters = f"{path(project)}/characters"
    first, second = await given(studio, project, "image/jpeg"), await given(studio, project, "image/png")
    voice = await given(studio, project, "audio/wav")
    body = {"name": " Mara ", "face": face(0), "appearance": {"hair": "red"}, "voice": voice, "images": [second, first]}
    made = await ada.http.post(characters, json=body)
    assert made.status_code == 201, made.text
    mara = made.json()
    assert (mara["name"], mara["face"], mara["appearance"]) == ("Mara", True, {"hair": "red"})
    assert (mara["voice"], mara["images"]) == (voice, [second, first])
    where = made.headers["location"]
    changed = (await ada.http.patch(where, json={"images": [first], "voice": None})).json()
    assert (changed["images"], changed["voice"], changed["face"], changed["name"]) == ([first], None, True, "Mara")
    assert (await ada.http.get(where)).json() == changed
    assert (await ada.http.patch(where, json={"face": None})).json()["face"] is False
    assert (await ada.http.delete(where)).status_code == 204
    assert (await ada.http.get(where)).json()["code"] == "character.missing"
    [gone] = (await ada.http.get(characters, params={"deleted": True})).json()["characters"]
    assert gone["id"] == mara["id"]
    assert (await ada.http.post(f"{where}/restore")).json()["name"] == "Mara"
    missing = await ada.http.post(f"{characters}/{ids.to_text('chr', project.id)}/restore")
    assert missing.status_code == 404


async def test_the_nearest_faces_come_first(studio: Studio, ada: Person) -> None:
    project, other = await studio.project(ada), await studio.project(ada)
    for name, degrees in (("Far", 90), ("Near", 10), ("Opposite", 180)):
        await ada.http.post(f"{path(project)}/characters", json={"name": name, "face": face(degrees)})
    await ada.http.post(f"{path(project)}/characters", json={"name": "Faceless"})
    await ada.http.post(f"{path(other)}/characters", json={"name": "Elsewhere", "face": face(0)})
    search = f"{path(project)}/characters/search"
    found = (await ada.http.post(search, json={"face": face(0), "limit": 3})).json()["found"]
    assert [each["character"]["name"] for each in found] == ["Near", "Far", "Opposite"]
    assert [each["distance"] for each in found] == pytest.approx([1 - math.cos(math.radians(10)), 1, 2], abs=1e-5)
    refused = await ada.http.post(search, json={"face": [0.0] * 512})
    assert (refused.status_code, refused.json()["field"]) == (422, "face")


async def test_a_hash_alone_gives_nothing(studio: Studio, ada: Person) -> None:
    project, other = await studio.project(ada), await studio.project(ada)
    foreign, sound = await given(studio, other, "image/jpeg"), await given(studio, project, "audio/wav")
    for field, value in (("images", [foreign]), ("images", [sound]), ("voice", foreign), ("images", ["ab" * 32])):
        refused = await ada.http.post(f"{path(project)}/characters", json={"name": "Mara", field: value})
        assert (refused.status_code, refused.json()["code"], refused.json()["field"]) == (422, "character.media", field)


async def test_the_list_has_pages(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    characters = f"{path(project)}/characters"
    for name in ("Cem", "Ana", "Ben", "Ana"):
        await ada.http.post(characters, json={"name": name})
    first = (await ada.http.get(characters, params={"limit": 3})).json()
    rest = (await ada.http.get(characters, params={"limit": 3, "cursor": first["next"]})).json()
    names = [each["name"] for each in first["characters"] + rest["characters"]]
    assert (names, rest["next"]) == (["Ana", "Ana", "Ben", "Cem"], None)


async def test_a_project_has_1000_characters_at_most(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    await studio.state.stores.pool.execute(
        "insert into characters (id, project_id, name)"
        " select gen_random_uuid(), $1, 'x' from generate_series(1, $2::integer)",
        project.id,
        CHARACTERS_MAX,
    )
    refused = await ada.http.post(f"{path(project)}/characters", json={"name": "One too many"})
    assert (refused.status_code, refused.json()["limit"]) == (409, 1000)
