"""Looks over HTTP: those of every studio, those of a team with their versions, mixtures and likenesses."""

import asyncio

import asyncpg
import pytest

from services.brains.presets import BRAINS
from services.brains.service import BRAINS_MAX
from services.brains.stored import to_json
from services.users.model import TeamRole
from storage.tables import teams
from sync import ids
from tests.integration.api.studio import Person, Studio


def record(name: str = "House noir", **changed: object) -> dict[str, object]:
    plain = {key: value for key, value in to_json(BRAINS["thriller"]).items() if key not in ("id", "version")}
    return {**plain, "name": name, **changed}


async def team_of(studio: Studio, owner: Person, **members: Person) -> str:
    """`members`: role=person."""
    team = (await owner.http.post("/v1/teams", json={"name": "Cutting room"})).json()["id"]
    for role, person in members.items():
        team_id = ids.from_text("team", team)
        await teams.set_team_member(studio.state.stores.pool, team_id, person.actor.user_id, TeamRole(role).value)
    return str(team)


async def test_every_studio_begins_with_five(ada: Person) -> None:
    listed = (await ada.http.get("/v1/brains")).json()["brains"]
    assert [(each["id"], each["version"], each["team"]) for each in listed] == [(name, 1, None) for name in BRAINS]
    horror = await ada.http.get("/v1/brains/horror", params={"version": 1})
    body = horror.json()
    assert len(body["vector"]) == 128 and body["record"]["lens"] == {"min_mm": 18, "typical_mm": 24, "max_mm": 40}
    assert {block["name"] for block in body["blocks"]} >= {"shots", "pacing", "grade", "tone"}
    assert any("close-ups" in sentence for sentence in body["explained"])
    again = await ada.http.get(
        "/v1/brains/horror", params={"version": 1}, headers={"If-None-Match": horror.headers["etag"]}
    )
    assert again.status_code == 304
    for path in (
        "/v1/brains/horror?version=2",
        "/v1/brains/pixar",
        f"/v1/brains/{ids.to_text('brn', ada.actor.user_id)}",
    ):
        missing = await ada.http.get(path)
        assert (missing.status_code, missing.json()["code"]) == (404, "brain.missing"), path


async def test_a_team_makes_a_look_and_its_versions_stay(studio: Studio, ada: Person, bob: Person, cem: Person) -> None:
    team = await team_of(studio, ada, member=bob)
    made = await ada.http.post(f"/v1/teams/{team}/brains", json=record())
    assert made.status_code == 201, made.text
    where = made.headers["location"]
    assert (made.json()["version"], made.json()["team"], made.json()["name"]) == (1, team, "House noir")
    seen = await bob.http.get(where)
    assert seen.json() == made.json()
    assert (await bob.http.get("/v1/brains")).json()["brains"][-1]["id"] == made.json()["id"]
    assert (await bob.http.get(f"/v1/teams/{team}/brains")).json()["brains"][0]["id"] == made.json()["id"]
    assert (await bob.http.put(where, json=record("Mine"))).json()["code"] == "role.forbidden"
    for method in ("GET", "PUT", "DELETE"):
        refused = await cem.http.request(method, where, json=record() if method == "PUT" else None)
        assert (refused.status_code, refused.json()["code"]) == (404, "brain.missing"), method

    changed = await ada.http.put(where, json=record("House blue"), headers={"If-Match": seen.headers["etag"]})
    assert (changed.json()["version"], changed.json()["name"]) == (2, "House blue")
    stale = await ada.http.put(where, json=record("House red"), headers={"If-Match": seen.headers["etag"]})
    assert stale.status_code == 412
    same = await ada.http.put(where, json=record("House blue"))
    assert same.json()["version"] == 2, "what says the same is no new version"
    assert (await ada.http.get(where, params={"version": 1})).json()["name"] == "House noir"
    first = (await ada.http.get(f"{where}/versions", params={"limit": 1})).json()
    rest = (await ada.http.get(f"{where}/versions", params={"limit": 1, "cursor": first["next"]})).json()
    assert [each["version"] for each in first["versions"] + rest["versions"]] == [2, 1]

    assert (await ada.http.delete(where)).status_code == 204
    assert (await ada.http.get(where)).status_code == 404
    assert (await ada.http.get(f"/v1/teams/{team}/brains")).json()["brains"] == []
    kept = await ada.http.get(where, params={"version": 1})
    assert kept.json()["name"] == "House noir", "scenes that were made with it still find it"


async def test_the_database_itself_refuses_to_change_a_version(studio: Studio, ada: Person) -> None:
    team = await team_of(studio, ada)
    made = (await ada.http.post(f"/v1/teams/{team}/brains", json=record())).json()
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await studio.state.stores.pool.execute(
            "update brain_versions set record = '{}' where brain_id = $1", ids.from_text("brn", made["id"])
        )


async def test_two_who_change_a_look_at_once_make_two_versions(studio: Studio, ada: Person) -> None:
    team = await team_of(studio, ada)
    where = (await ada.http.post(f"/v1/teams/{team}/brains", json=record())).headers["location"]
    answers = await asyncio.gather(*(ada.http.put(where, json=record(f"Look {at}")) for at in range(4)))
    assert sorted(answer.json()["version"] for answer in answers) == [2, 3, 4, 5]


async def test_what_a_look_cannot_be_is_named(studio: Studio, ada: Person) -> None:
    team = await team_of(studio, ada)
    for field, wrong in {
        "sizes": record(sizes={"CU": 0.2}),
        "cdl.slope": record(cdl={"slope": [9, 1, 1], "offset": [0, 0, 0], "power": [1, 1, 1], "saturation": 1}),
        "never": record(never=["hover"]),
    }.items():
        refused = await ada.http.post(f"/v1/teams/{team}/brains", json=wrong)
        told = (refused.status_code, refused.json()["code"], refused.json()["field"])
        assert told == (422, "brain.field", field), refused.text
    impossible = record(cdl={"slope": [-1, 1, 1], "offset": [0, 0, 0], "power": [1, 1, 1], "saturation": 1})
    assert (await ada.http.post(f"/v1/teams/{team}/brains", json=impossible)).json()["code"] == "brain.cdl"


async def test_a_team_has_100_looks_at_most(studio: Studio, ada: Person) -> None:
    team = await team_of(studio, ada)
    await studio.state.stores.pool.execute(
        "insert into brains (id, team_id, created_by) select gen_random_uuid(), $1, $2 from generate_series(1, $3)",
        *(ids.from_text("team", team), ada.actor.user_id, BRAINS_MAX),
    )
    refused = await ada.http.post(f"/v1/teams/{team}/brains", json=record())
    assert (refused.status_code, refused.json()["code"]) == (409, "brain.count")


async def test_a_look_has_1000_versions_at_most(studio: Studio, ada: Person) -> None:
    team = await team_of(studio, ada)
    where = (await ada.http.post(f"/v1/teams/{team}/brains", json=record())).headers["location"]
    await studio.state.stores.pool.execute(
        "insert into brain_versions (brain_id, version, record, created_by)"
        " select brain_id, 1000, record, created_by from brain_versions where brain_id = $1",
        ids.from_text("brn", where.rpartition("/")[2]),
    )
    refused = await ada.http.put(where, json=record("One more"))
    assert (refused.status_code, refused.json()["code"]) == (409, "brain.count")


async def test_looks_are_mixed_and_compared(ada: Person) -> None:
    parts = [{"brain": "thriller", "weight": 3}, {"brain": "k_drama", "weight": 1}]
    mixed = await ada.http.post("/v1/brains/blends", json={"parts": parts})
    assert mixed.status_code == 200, mixed.text
    body = mixed.json()
    assert body["name"] == "Thriller + K-Drama" and 40 < body["record"]["lens"]["typical_mm"] < 85
    assert sum(body["record"]["sizes"].values()) == pytest.approx(1)
    nearest = (await ada.http.get("/v1/brains/thriller/similar", params={"limit": 2})).json()["similar"]
    assert [each["brain"]["id"] for each in nearest] == ["horror", "large_format_epic"]
    assert nearest[0]["similarity"] > nearest[1]["similarity"] and nearest[0]["compared"]
    unknown = await ada.http.post("/v1/brains/blends", json={"parts": [{"brain": "thriller"}, {"brain": "x"}]})
    assert unknown.status_code == 404
