"""Every route for everybody, on a project that is theirs, shared, somebody else's, archived or deleted: docs/access.md.

`STORYFORGE_UPDATE_DOCS=1 ./dev test tests/integration/api/test_access_table.py` writes the page anew.
"""

import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID, uuid4

import httpx

from api.main import operations
from services.projects.model import Project, ProjectKind
from services.users.model import Need, Role
from sync import ids
from sync.ids import DocumentId
from tests.integration.api.studio import URL, Person, Studio, path
from tests.integration.api.test_roles import APPROVED, CASES, ELSEWHERE, OF_PEOPLE, Case, filled
from tests.integration.api.test_shares import shared
from tests.integration.api.test_verdicts import judged

PAGE = Path(__file__).resolve().parents[3] / "docs" / "access.md"
UPDATE = "STORYFORGE_UPDATE_DOCS"
TUS = {"Tus-Resumable": "1.0.0"}
PIECE = TUS | {"Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}
CHANGES_PROJECT = ("/v1/projects/{project}/archive", "/v1/projects/{project}/restore")
VARIED = {"change": {"kind": "pictures", "seed": 7}}
OF_THINGS = [
    Case("GET", "/v1/runs/{run}", Need.VIEW),
    Case("GET", "/v1/runs/{run}/outputs", Need.VIEW),
    Case("GET", "/v1/runs/{run}/routes", Need.VIEW),
    Case("POST", "/v1/runs/{run}/cancel", Need.EDIT, status=409),
    Case(
        "POST",
        "/v1/runs/{run}/offer",
        Need.EDIT,
        lambda scene: {"offer": ids.to_text("lkp", UUID(int=7)), "answer": "accept"},
        status=404,
    ),
    Case("POST", "/v1/runs/{run}/selections", Need.EDIT, lambda scene: {"step": "a", "choice": "b"}, status=409),
    Case("POST", "/v1/runs/{run}/replay", Need.EDIT, status=409),
    Case("POST", "/v1/runs/{run}/frames/{frames}/variations", Need.EDIT, lambda scene: VARIED, status=409),
    Case("GET", "/v1/takes/{take}", Need.VIEW),
    Case("POST", "/v1/takes/{take}/variations", Need.EDIT, lambda scene: VARIED, status=409),
    Case("GET", "/v1/takes/{take}/hls", Need.VIEW, status=404),
    Case("GET", "/v1/takes/{take}/sprite", Need.VIEW, status=404),
    Case("GET", "/v1/takes/{take}/decisions", Need.VIEW),
    Case("POST", "/v1/takes/{take}/decisions", Need.APPROVE, lambda scene: APPROVED, status=201),
    Case("GET", "/v1/duplications/{duplication}", Need.VIEW),
    Case("POST", "/v1/duplications/{duplication}/cancel", Need.ADMIN),
    Case("GET", "/v1/verdicts/{verdict}", Need.EDIT),
    Case("POST", "/v1/verdicts/{verdict}/appeal", Need.EDIT, lambda scene: {"words": "It is a title."}, 201),
    Case("GET", "/v1/assets/{asset}", Need.VIEW),
    Case("PATCH", "/v1/assets/{asset}", Need.EDIT, lambda scene: {"name": "b.png"}),
    Case("GET", "/v1/assets/{asset}/uses", Need.VIEW),
    Case("DELETE", "/v1/assets/{asset}", Need.EDIT, status=204),
    Case("HEAD", "/v1/uploads/{upload}", Need.EDIT, headers=TUS),
    Case("PATCH", "/v1/uploads/{upload}", Need.EDIT, headers=PIECE),
    Case("DELETE", "/v1/uploads/{upload}", Need.EDIT, headers=TUS, status=204),
]
"""Routes of what a project's owner has made, whose address does not name the project."""
STREAM = "/v1/projects/{project}/stream"
HEAD = f"""# Who may do what

What each route about a project answers, as measured by `tests/integration/api/test_access_table.py`, which also writes
this page: `{UPDATE}=1 ./dev test tests/integration/api/test_access_table.py`.

A guest came by a link that lets them comment; a key is a service account's of an editor, good for reading.

401: sign in. 403: your role is too weak. 404: for you there is no such thing, and a stranger cannot tell whether there
is. 409: an archived project is only read; a run that has ended is not
cancelled and asks nothing. 428: send the ETag that you have read.
An episode, a version, a member and so on are unknown ones here, so that whoever may look for them gets 404 too.

`GET {STREAM}` is as `GET /v1/projects/{{project}}`: its test is `test_stream.py`. What is
under {" and ".join(f"`{each}`" for each in OF_PEOPLE)} is of no project: `test_teams.py`,
`test_invitations.py`, `test_devices.py`, `test_service_accounts.py`, `test_openid.py`, `test_account.py`,
`test_billing.py`.
"""


@dataclass(frozen=True)
class Story:
    """A project with one of everything, and who knocks."""

    http: httpx.AsyncClient
    project: Project
    scene: str
    things: dict[str, str]

    def where(self, case: Case) -> str:
        """The address of the route on this project."""
        if case in OF_THINGS:
            return case.template.format(**self.things)
        return filled(case.template, self.project, self.scene)

    async def ask(self, case: Case) -> httpx.Response:
        body = {"content": b""} if case.headers is PIECE else {"json": case.body(self.scene)}
        return await self.http.request(case.method, self.where(case), headers=case.headers, **body)


Begin = Callable[[Studio, Person, Person], Awaitable[Story]]


async def _story(studio: Studio, ada: Person, http: httpx.AsyncClient, **members: Person) -> Story:
    project = await studio.project(ada, ProjectKind.SERIES, **members)
    scene = await studio.scene(ada, project, prompt="A train at night.")
    run, take = await studio.take(ada, project, scene)
    upload = await ada.http.post(f"{path(project)}/uploads", headers=TUS | {"Upload-Length": "9"})
    copy = await studio.state.duplications.ask(ada.actor, project.id, studio.state.now())
    await studio.state.duplications.cancel(ada.actor, copy.id)
    things = {
        "run": run,
        "take": take,
        "frames": "frames",
        "duplication": ids.to_text("dup", copy.id),
        "asset": await studio.asset(ada, project),
        "verdict": await judged(studio, ada, project),
        "upload": upload.headers["location"].rpartition("/")[2],
    }
    return Story(http, project, scene, things)


async def nobody(studio: Studio, ada: Person, bob: Person) -> Story:
    return await _story(studio, ada, studio.client())


async def stranger(studio: Studio, ada: Person, bob: Person) -> Story:
    return await _story(studio, ada, bob.http)


def member(role: Role) -> Begin:
    async def begin(studio: Studio, ada: Person, bob: Person) -> Story:
        return await _story(studio, ada, bob.http, **{role.value: bob})

    return begin


async def owner(studio: Studio, ada: Person, bob: Person) -> Story:
    return await _story(studio, ada, ada.http)


async def guest(studio: Studio, ada: Person, bob: Person) -> Story:
    browser = studio.client(Origin=URL)
    story = await _story(studio, ada, browser)
    _, token = await shared(ada, story.project, comment=True)
    opened = await browser.post("/v1/share-links/open", json={"token": token, "name": "Gus"})
    assert opened.status_code == 200, opened.text
    return story


async def key(studio: Studio, ada: Person, bob: Person) -> Story:
    story = await _story(studio, ada, studio.client())
    team = (await ada.http.post("/v1/teams", json={"name": "Machines"})).json()["id"]
    account = (await ada.http.post(f"/v1/teams/{team}/service-accounts", json={"name": "Bot"})).json()["id"]
    await ada.http.put(f"{path(story.project)}/teams/{team}", json={"role": "editor"})
    made = await ada.http.post(f"/v1/service-accounts/{account}/keys", json={"name": "Reads", "role": "viewer"})
    return replace(story, http=studio.client(Authorization=f"Bearer {made.json()['key']}"))


async def archived(studio: Studio, ada: Person, bob: Person) -> Story:
    story = await _story(studio, ada, ada.http)
    await studio.state.projects.archive(ada.actor, story.project.id)
    return story


async def deleted(studio: Studio, ada: Person, bob: Person) -> Story:
    story = await _story(studio, ada, ada.http)
    await studio.state.projects.delete(ada.actor, story.project.id)
    return story


COLUMNS: dict[str, Begin] = {
    "nobody": nobody,
    "stranger": stranger,
    "guest": guest,
    "key": key,
    "viewer": member(Role.VIEWER),
    "commenter": member(Role.COMMENTER),
    "editor": member(Role.EDITOR),
    "owner": owner,
    "owner, archived": archived,
    "owner, deleted": deleted,
}


async def measured(studio: Studio, ada: Person, bob: Person, name: str) -> dict[tuple[str, str], int]:
    """Status by (route, method), each on the project as the column's name says, whatever the route before did to it."""
    story = await COLUMNS[name](studio, ada, bob)
    projects, project_id = studio.state.projects, story.project.id
    put_back = {"owner, archived": projects.archive, "owner, deleted": projects.delete}.get(name, projects.restore)
    found: dict[tuple[str, str], int] = {}
    for case in (*OF_THINGS, *CASES):
        answer, route = await story.ask(case), case.template.partition("?")[0]
        assert answer.status_code < 500, (name, case.method, case.template, answer.text)
        found[route, case.method] = answer.status_code
        if answer.is_success and route in CHANGES_PROJECT:
            await put_back(ada.actor, project_id)
    return found


async def test_the_page_says_what_is_so(studio: Studio, ada: Person, bob: Person) -> None:
    columns = {name: await measured(studio, ada, bob, name) for name in COLUMNS}
    lines = [f"| | route | {' | '.join(COLUMNS)} |", f"| --- | --- |{' --- |' * len(COLUMNS)}"]
    for route, method in sorted(columns["owner"]):
        cells = " | ".join(str(columns[name][route, method]) for name in COLUMNS)
        lines.append(f"| {method} | `{route}` | {cells} |")
    page = HEAD + "\n" + "\n".join(lines) + "\n"
    if os.environ.get(UPDATE) == "1":
        PAGE.write_text(page, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page, f"run it with {UPDATE}=1 and look at the difference"


def test_every_route_about_a_project_is_in_it() -> None:
    things = {(case.method, case.template) for case in OF_THINGS}
    about = {(each.method, each.path) for each in operations() if "{" in each.path and not each.public}
    assert {pair for pair in about if pair[1] in ELSEWHERE} == things | {("GET", STREAM)}


async def test_a_stranger_cannot_tell_a_project_from_none(studio: Studio, ada: Person, bob: Person) -> None:
    """The whole answer is the same, but for what every request has of its own."""
    story = await stranger(studio, ada, bob)
    real = story.project
    absent = replace(
        story,
        project=replace(
            real,
            id=uuid4(),
            storyboard=replace(real.storyboard, id=DocumentId(uuid4())),
            timeline=replace(real.timeline, id=DocumentId(uuid4())),
        ),
        things={name: ids.to_text(text.partition("_")[0], uuid4()) for name, text in story.things.items()},
    )
    for case in (*OF_THINGS, *CASES):
        there, not_there = await story.ask(case), await absent.ask(case)
        assert there.status_code == not_there.status_code == 404, (case.template, there.text, not_there.text)
        assert set(there.headers) == set(not_there.headers), case.template
        if case.method != "HEAD":
            one, other = there.json(), not_there.json()
            assert one.pop("request_id") != other.pop("request_id")
            assert one == other, case.template


async def test_a_deleted_project_is_not_there_for_anybody_but_to_be_restored(
    studio: Studio, ada: Person, bob: Person
) -> None:
    found = await measured(studio, ada, bob, "owner, deleted")
    there = {route for route, status in found.items() if status != 404}
    assert there == {("/v1/projects/{project}/restore", "POST")}
