"""Assets over HTTP: listed by pages, renamed, deleted, found where they are used; and nothing for strangers."""

from uuid import UUID

import pytest

from services.projects.model import Project
from sync import ids
from sync.timeline.content import MAIN_TRACK
from tests.integration.api.studio import Person, Studio, path


async def with_media(studio: Studio, asset: str, hash: str) -> str:
    """As a worker leaves it."""
    await studio.state.stores.pool.execute(
        "update assets set hash = $2, state = 'ready', pct = 100 where id = $1", ids.from_text("ast", asset), hash
    )
    return hash


async def insert(person: Person, project: Project, hash: str) -> str:
    """A clip of it."""
    gesture = {"gesture": "insert", "track": MAIN_TRACK, "at": 0, "frames": 24, "src": {"k": "asset", "id": hash}}
    where = f"/v1/documents/{ids.encode(project.timeline.id)}/edits"
    answer = await person.http.post(where, json={"gestures": [gesture]})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["made"][0])


async def test_a_bin_is_listed_newest_first_by_pages(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    made = sorted([await studio.asset(ada, project) for _ in range(5)], reverse=True)
    where, seen, cursor = f"{path(project)}/assets", [], None
    while True:
        params = {"limit": "2"} | ({} if cursor is None else {"cursor": cursor})
        page = (await ada.http.get(where, params=params)).json()
        seen += [asset["id"] for asset in page["assets"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == made
    assert (await ada.http.get(where, params={"kind": "film"})).json()["assets"] == []
    assert len((await ada.http.get(where, params={"kind": "picture"})).json()["assets"]) == 5
    for wrong in ({"limit": "0"}, {"limit": "101"}, {"kind": "song"}):
        assert (await ada.http.get(where, params=wrong)).status_code == 422


async def test_a_file_is_renamed_and_followers_hear_of_it(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    asset = await studio.asset(ada, project)
    renamed = await ada.http.patch(f"/v1/assets/{asset}", json={"name": " Zug bei Nacht.png "})
    assert (renamed.status_code, renamed.json()["name"]) == (200, "Zug bei Nacht.png")
    assert (await ada.http.get(f"/v1/assets/{asset}")).json()["name"] == "Zug bei Nacht.png"
    for name in ("", "a\u0007b", "x" * 256):
        assert (await ada.http.patch(f"/v1/assets/{asset}", json={"name": name})).status_code == 422
    rows = await studio.state.stores.pool.fetch(
        "select payload from project_events where project_id = $1 and kind = 'asset'", project.id
    )
    assert len(rows) == 1 and "Zug bei Nacht.png" in rows[0]["payload"]


async def test_a_deleted_file_leaves_the_bin_and_stays_where_it_is_used(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    asset = await studio.asset(ada, project)
    hash = await with_media(studio, asset, await studio.media(project, "4d" * 32))
    assert (await ada.http.delete(f"/v1/assets/{asset}")).status_code == 204
    for method in ("GET", "DELETE"):
        answer = await ada.http.request(method, f"/v1/assets/{asset}")
        assert (answer.status_code, answer.json()["code"]) == (404, "asset.missing")
    assert (await ada.http.get(f"{path(project)}/assets")).json()["assets"] == []
    assert (await ada.http.get(f"{path(project)}/media/{hash}")).status_code == 307


async def test_where_a_file_is_used(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    asset = await studio.asset(ada, project)
    assert (await ada.http.get(f"/v1/assets/{asset}/uses")).json() == {"uses": []}
    hash = await with_media(studio, asset, await studio.media(project, "5e" * 32))
    clip, other = await insert(ada, project, hash), await insert(ada, project, hash)
    uses = (await ada.http.get(f"/v1/assets/{asset}/uses")).json()["uses"]
    document = ids.encode(project.timeline.id)
    assert {(use["document"], use["document_kind"], use["root"]) for use in uses} == {(document, "tl", "clips")}
    assert {use["entity"] for use in uses} == {clip, other}
    edits = f"/v1/documents/{document}/edits"
    await ada.http.post(edits, json={"gestures": [{"gesture": "ripple_delete", "clip": other}]})
    assert [use["entity"] for use in (await ada.http.get(f"/v1/assets/{asset}/uses")).json()["uses"]] == [clip]


@pytest.mark.parametrize("suffix", ["", "/uses"])
async def test_strangers_and_viewers(studio: Studio, ada: Person, bob: Person, cem: Person, suffix: str) -> None:
    project = await studio.project(ada, viewer=bob)
    where = f"/v1/assets/{await studio.asset(ada, project)}"
    assert (await bob.http.get(where + suffix)).status_code == 200
    assert (await cem.http.get(where + suffix)).json()["code"] == "asset.missing"
    async with studio.client() as http:
        assert (await http.get(where + suffix)).status_code == 401
    for method, body in (("PATCH", {"name": "mine"}), ("DELETE", None)):
        assert (await bob.http.request(method, where, json=body)).status_code == 403
        assert (await cem.http.request(method, where, json=body)).status_code == 404
    missing = f"/v1/assets/{ids.to_text('ast', UUID(int=7))}"
    assert (await ada.http.get(missing + suffix)).status_code == 404
