"""Teams over HTTP: what each route answers to an owner, a member and a stranger."""

from uuid import uuid4

from services.users.model import TeamRole
from storage.tables import teams as rows
from sync import ids
from tests.integration.api.studio import Person, Studio, path


async def test_a_team_lives_and_dies(studio: Studio, ada: Person, bob: Person, cem: Person) -> None:
    made = await ada.http.post("/v1/teams", json={"name": "Cutting room"})
    assert made.status_code == 201
    team, where = made.json(), made.headers["location"]
    assert (team["name"], team["role"], team["members"]) == ("Cutting room", "owner", 1)
    assert (await ada.http.get("/v1/teams")).json() == {"teams": [team]}
    assert (await ada.http.get(where)).json() == team
    team_id = ids.from_text("team", team["id"])
    await rows.set_team_member(studio.state.stores.pool, team_id, bob.actor.user_id, TeamRole.MEMBER.value)
    renamed = await ada.http.patch(where, json={"name": "Edit bay"})
    assert (renamed.json()["name"], renamed.json()["members"]) == ("Edit bay", 2)
    bobs = f"{where}/members/{ids.to_text('usr', bob.actor.user_id)}"
    assert (await bob.http.patch(bobs, json={"role": "owner"})).json()["code"] == "role.forbidden"
    changed = await ada.http.patch(bobs, json={"role": "admin"})
    assert [(each["name"], each["role"]) for each in changed.json()["members"]] == [("Ada", "owner"), ("Bob", "admin")]
    last = await ada.http.delete(f"{where}/members/{ids.to_text('usr', ada.actor.user_id)}")
    assert (last.status_code, last.json()["code"]) == (409, "team.last_owner")
    for method, address in (("GET", where), ("PATCH", where), ("GET", f"{where}/members"), ("DELETE", where)):
        answer = await cem.http.request(method, address, json={"name": "Mine"} if method == "PATCH" else None)
        assert (answer.status_code, answer.json()["code"]) == (404, "team.missing")
        assert (await studio.client().request(method, address)).status_code == 401
    assert (await bob.http.delete(bobs)).status_code == 204
    assert (await bob.http.get(where)).status_code == 404
    assert (await ada.http.delete(where)).status_code == 204
    assert (await ada.http.get("/v1/teams")).json() == {"teams": []}


async def test_a_refusal_names_the_field_and_the_limit(ada: Person) -> None:
    for name, limit in (("", 1), ("x" * 81, 80), ("   ", 80)):
        answer = await ada.http.post("/v1/teams", json={"name": name})
        assert (answer.status_code, answer.json()["field"], answer.json()["limit"]) == (422, "name", limit)


async def test_a_team_gets_a_role_in_a_project(studio: Studio, ada: Person, bob: Person) -> None:
    project = await studio.project(ada)
    team = (await ada.http.post("/v1/teams", json={"name": "Cutting room"})).json()["id"]
    await rows.set_team_member(
        studio.state.stores.pool, ids.from_text("team", team), bob.actor.user_id, TeamRole.MEMBER.value
    )
    assert (await bob.http.get(path(project))).status_code == 404
    given = await ada.http.put(f"{path(project)}/teams/{team}", json={"role": "commenter"})
    assert given.json() == {"teams": [{"id": team, "name": "Cutting room", "role": "commenter", "members": 2}]}
    seen = (await bob.http.get(path(project))).json()
    assert (seen["role"], seen["may"]) == ("commenter", ["view", "comment", "download", "approve"])
    assert (await bob.http.get(f"{path(project)}/teams")).json() == given.json()
    assert (await ada.http.delete(f"{path(project)}/teams/{team}")).status_code == 204
    assert (await bob.http.get(path(project))).status_code == 404


async def test_a_project_is_given_away(studio: Studio, ada: Person, bob: Person) -> None:
    project = await studio.project(ada, viewer=bob)
    given = await ada.http.post(f"{path(project)}/transfer", json={"user": ids.to_text("usr", bob.actor.user_id)})
    assert [(each["name"], each["role"]) for each in given.json()["members"]] == [("Ada", "editor"), ("Bob", "owner")]
    unknown = await bob.http.post(f"{path(project)}/transfer", json={"user": ids.to_text("usr", uuid4())})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "member.missing")
    wrong = await bob.http.post(f"{path(project)}/transfer", json={"user": "nobody"})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "user")
