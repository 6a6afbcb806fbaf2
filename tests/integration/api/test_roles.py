"""Every route of a project for every role, and for strangers: what is not yours is not there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from uuid import uuid4

import pytest

from api.main import operations
from services.projects.model import Project, ProjectKind
from services.users.model import Need, Role
from sync import ids
from tests.integration.api.studio import Person, Studio, path


@dataclass(frozen=True)
class Case:
    """One route; `body` is made for the scene that exists."""

    method: str
    template: str
    need: Need
    body: Callable[[str], object] = lambda scene: None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


APPROVED = {"verdict": "approved"}
SETTINGS = {"rate": [25, 1], "width": 1920, "height": 1080, "aspect": [16, 9], "language": "en", "safety": "strict"}
CASES = [
    Case("GET", "/v1/projects/{project}", Need.VIEW),
    Case("PATCH", "/v1/projects/{project}", Need.EDIT, lambda scene: {"title": "New"}),
    Case("GET", "/v1/projects/{project}/audit", Need.ADMIN),
    Case("GET", "/v1/projects/{project}/settings", Need.VIEW),
    Case("PUT", "/v1/projects/{project}/settings", Need.EDIT, lambda scene: SETTINGS, 428),
    Case("GET", "/v1/projects/{project}/episodes", Need.VIEW),
    Case("POST", "/v1/projects/{project}/episodes", Need.EDIT, lambda scene: {"title": "Two"}, 201),
    Case("PATCH", "/v1/projects/{project}/episodes/{episode}", Need.EDIT, lambda scene: {"title": "Two"}, 404),
    Case("DELETE", "/v1/projects/{project}/episodes/{episode}", Need.EDIT, status=404),
    Case("POST", "/v1/projects/{project}/episodes/{episode}/restore", Need.EDIT, status=404),
    Case("GET", "/v1/projects/{project}/episodes/{episode}/members", Need.VIEW, status=404),
    Case(
        "POST",
        "/v1/projects/{project}/episodes/{episode}/members",
        Need.ADMIN,
        lambda scene: {"email": "nobody@studio.test", "role": "viewer"},
        404,
    ),
    Case(
        "PUT",
        "/v1/projects/{project}/episodes/{episode}/members/{user}",
        Need.ADMIN,
        lambda scene: {"role": "viewer"},
        404,
    ),
    Case("DELETE", "/v1/projects/{project}/episodes/{episode}/members/{user}", Need.ADMIN, status=404),
    Case("GET", "/v1/projects/{project}/episodes/{episode}/teams", Need.VIEW, status=404),
    Case(
        "PUT",
        "/v1/projects/{project}/episodes/{episode}/teams/{team}",
        Need.ADMIN,
        lambda scene: {"role": "viewer"},
        404,
    ),
    Case("DELETE", "/v1/projects/{project}/episodes/{episode}/teams/{team}", Need.ADMIN, status=404),
    Case("POST", "/v1/projects/{project}/seasons", Need.EDIT, lambda scene: {"title": "One"}, 201),
    Case("PATCH", "/v1/projects/{project}/seasons/{season}", Need.EDIT, lambda scene: {"title": "One"}, 404),
    Case("DELETE", "/v1/projects/{project}/seasons/{season}", Need.EDIT, status=404),
    Case("POST", "/v1/projects/{project}/duplicates", Need.EDIT, lambda scene: {"title": "Copy"}, 202),
    Case("GET", "/v1/projects/{project}/characters", Need.VIEW),
    Case("POST", "/v1/projects/{project}/characters", Need.EDIT, lambda scene: {"name": "Mara"}, 201),
    Case("POST", "/v1/projects/{project}/characters/search", Need.VIEW, lambda scene: {"face": [1.0] * 512}),
    Case("GET", "/v1/projects/{project}/characters/{character}", Need.VIEW, status=404),
    Case("PATCH", "/v1/projects/{project}/characters/{character}", Need.EDIT, lambda scene: {"name": "Mara"}, 404),
    Case("DELETE", "/v1/projects/{project}/characters/{character}", Need.EDIT, status=404),
    Case("POST", "/v1/projects/{project}/characters/{character}/restore", Need.EDIT, status=404),
    Case("GET", "/v1/projects/{project}/members", Need.VIEW),
    Case(
        "POST",
        "/v1/projects/{project}/members",
        Need.ADMIN,
        lambda scene: {"email": "nobody@studio.test", "role": "viewer"},
        422,
    ),
    Case("PATCH", "/v1/projects/{project}/members/{user}", Need.ADMIN, lambda scene: {"role": "viewer"}, 404),
    Case("DELETE", "/v1/projects/{project}/members/{user}", Need.ADMIN, status=404),
    Case(
        "POST", "/v1/projects/{project}/transfer", Need.ADMIN, lambda scene: {"user": ids.to_text("usr", uuid4())}, 404
    ),
    Case("GET", "/v1/projects/{project}/teams", Need.VIEW),
    Case("PUT", "/v1/projects/{project}/teams/{team}", Need.ADMIN, lambda scene: {"role": "viewer"}, 404),
    Case("DELETE", "/v1/projects/{project}/teams/{team}", Need.ADMIN, status=404),
    Case("GET", "/v1/projects/{project}/scenes", Need.VIEW),
    Case("POST", "/v1/projects/{project}/scenes", Need.EDIT, lambda scene: {"title": "New"}, 201),
    Case("GET", "/v1/projects/{project}/scenes/{scene}", Need.VIEW),
    Case("GET", "/v1/projects/{project}/scenes/{scene}/shots", Need.VIEW),
    Case("PATCH", "/v1/projects/{project}/scenes/{scene}", Need.EDIT, lambda scene: {"title": "New"}),
    Case("POST", "/v1/projects/{project}/scenes/{scene}/lock", Need.EDIT, lambda scene: {"why": "final"}),
    Case("DELETE", "/v1/projects/{project}/scenes/{scene}/lock", Need.EDIT, status=204),
    Case("GET", "/v1/projects/{project}/snapshot", Need.VIEW),
    Case("GET", "/v1/projects/{project}/search?q=train", Need.VIEW),
    Case("GET", "/v1/projects/{project}/fit", Need.VIEW),
    Case("GET", "/v1/projects/{project}/runs", Need.VIEW),
    Case("GET", "/v1/projects/{project}/continuity", Need.VIEW),
    Case("GET", "/v1/projects/{project}/scenes/{scene}/continuity", Need.VIEW),
    Case("POST", "/v1/projects/{project}/scenes/{scene}/plan", Need.VIEW),
    Case("GET", "/v1/projects/{project}/takes", Need.VIEW),
    Case("GET", "/v1/projects/{project}/scenes/{scene}/takes", Need.VIEW),
    Case("GET", "/v1/projects/{project}/media/{hash}", Need.VIEW, status=404),
    Case("POST", "/v1/projects/{project}/scenes/{scene}/runs/quote", Need.EDIT),
    Case("POST", "/v1/projects/{project}/runs/replays", Need.EDIT, status=202),
    Case("POST", "/v1/projects/{project}/scenes/{scene}/generate", Need.EDIT, status=202),
    Case("POST", "/v1/documents/{document}/tokens", Need.VIEW, status=201),
    Case("DELETE", "/v1/documents/{document}/tokens/{token}", Need.VIEW, status=204),
    Case("GET", "/v1/documents/{document}/content", Need.VIEW),
    Case("GET", "/v1/documents/{document}/diff?from=0", Need.VIEW),
    Case("GET", "/v1/documents/{document}/activity", Need.VIEW),
    Case("GET", "/v1/documents/{document}/blame?entity=x", Need.VIEW),
    Case("GET", "/v1/documents/{document}/versions", Need.VIEW),
    Case("POST", "/v1/documents/{document}/versions", Need.EDIT, lambda scene: {"label": "First cut"}, 201),
    Case("DELETE", "/v1/documents/{document}/versions/{version}", Need.EDIT, status=404),
    Case("POST", "/v1/documents/{document}/restore", Need.EDIT, lambda scene: {"seq": 0}),
    Case("POST", "/v1/documents/{document}/undo", Need.EDIT, lambda scene: {"author": "usr_" + "0" * 26, "since": "0"}),
    Case("GET", "/v1/documents/{document}/proposals", Need.VIEW),
    Case("GET", "/v1/documents/{document}/proposals/{proposal}", Need.VIEW, status=404),
    Case("POST", "/v1/documents/{document}/proposals/{proposal}/accept", Need.EDIT, status=404),
    Case("POST", "/v1/documents/{document}/proposals/{proposal}/dismiss", Need.VIEW, status=404),
    Case("GET", "/v1/projects/{project}/scenes/{scene}/decisions", Need.VIEW),
    Case("POST", "/v1/projects/{project}/scenes/{scene}/decisions", Need.APPROVE, lambda scene: APPROVED, 201),
    Case("GET", "/v1/documents/{document}/decisions", Need.VIEW),
    Case("POST", "/v1/documents/{document}/decisions", Need.APPROVE, lambda scene: APPROVED, 409),
    Case("GET", "/v1/documents/{document}/tracks", Need.VIEW),
    Case("GET", "/v1/documents/{document}/clips", Need.VIEW),
    Case("GET", "/v1/documents/{document}/markers", Need.VIEW),
    Case("GET", "/v1/documents/{document}/cuts", Need.VIEW),
    Case("GET", "/v1/documents/{document}/film", Need.VIEW),
    Case("GET", "/v1/documents/{document}/story", Need.VIEW),
    Case(
        "POST",
        "/v1/documents/{document}/edits",
        Need.EDIT,
        lambda scene: {"gestures": [{"gesture": "insert", "track": "trk_main", "at": 0, "frames": 24}]},
    ),
    Case("POST", "/v1/projects/{project}/archive", Need.ADMIN),
    Case("POST", "/v1/projects/{project}/restore", Need.ADMIN),
    Case("GET", "/v1/projects/{project}/assets", Need.VIEW),
    Case("GET", "/v1/projects/{project}/verdicts", Need.EDIT),
    Case(
        "POST",
        "/v1/projects/{project}/uploads",
        Need.EDIT,
        status=201,
        headers={"Tus-Resumable": "1.0.0", "Upload-Length": "9"},
    ),
    Case("GET", "/v1/projects/{project}/credits", Need.EDIT),
    Case("GET", "/v1/projects/{project}/holds", Need.EDIT),
    Case("GET", "/v1/projects/{project}/budgets", Need.EDIT),
    Case("PUT", "/v1/projects/{project}/budgets", Need.ADMIN, lambda scene: {"budgets": []}),
    Case("GET", "/v1/projects/{project}/cache", Need.VIEW),
    Case("GET", "/v1/projects/{project}/cache/lookups", Need.VIEW),
    Case("GET", "/v1/projects/{project}/cache/lookups/{lookup}", Need.VIEW, status=404),
    Case("GET", "/v1/projects/{project}/cache/policy", Need.VIEW),
    Case("PUT", "/v1/projects/{project}/cache/policy", Need.ADMIN, lambda scene: {"mode": "exact"}),
    Case("GET", "/v1/projects/{project}/model-policy", Need.VIEW),
    Case("PUT", "/v1/projects/{project}/model-policy", Need.ADMIN, lambda scene: {"deny": ["sora"]}),
    Case("PUT", "/v1/projects/{project}/payer", Need.ADMIN, lambda scene: {"wallet": None}),
    Case("GET", "/v1/projects/{project}/invitations", Need.ADMIN),
    Case(
        "POST",
        "/v1/projects/{project}/invitations",
        Need.ADMIN,
        lambda scene: {"email": f"{uuid4().hex}@elsewhere.test", "role": "viewer"},
        201,
    ),
    Case("GET", "/v1/projects/{project}/share-links", Need.ADMIN),
    Case("POST", "/v1/projects/{project}/share-links", Need.ADMIN, lambda scene: {"label": "Client"}, 201),
    Case("GET", "/v1/projects/{project}/share-links/{link}", Need.ADMIN, status=404),
    Case("PATCH", "/v1/projects/{project}/share-links/{link}", Need.ADMIN, lambda scene: {"comment": True}, 404),
    Case("GET", "/v1/projects/{project}/share-links/{link}/guests", Need.ADMIN, status=404),
    Case("DELETE", "/v1/projects/{project}/share-links/{link}", Need.ADMIN, status=404),
    Case("DELETE", "/v1/projects/{project}", Need.ADMIN, status=204),
]
ELSEWHERE = {
    "/v1/projects/{project}/stream",
    "/v1/runs/{run}",
    "/v1/runs/{run}/outputs",
    "/v1/runs/{run}/routes",
    "/v1/runs/{run}/cancel",
    "/v1/runs/{run}/offer",
    "/v1/runs/{run}/selections",
    "/v1/runs/{run}/replay",
    "/v1/runs/{run}/frames/{frames}/variations",
    "/v1/takes/{take}",
    "/v1/takes/{take}/variations",
    "/v1/takes/{take}/hls",
    "/v1/takes/{take}/sprite",
    "/v1/takes/{take}/decisions",
    "/v1/duplications/{duplication}",
    "/v1/duplications/{duplication}/cancel",
    "/v1/uploads/{upload}",
    "/v1/assets/{asset}",
    "/v1/assets/{asset}/uses",
    "/v1/verdicts/{verdict}",
    "/v1/verdicts/{verdict}/appeal",
}
"""Tested where streams, runs, media, assets, copies and verdicts are."""
OF_TEAMS = "/v1/teams/"
OF_PEOPLE = (
    OF_TEAMS,
    "/v1/invitations/",
    "/v1/device-codes/",
    "/v1/service-accounts/",
    "/v1/identities/",
    "/v1/brains/",
    "/v1/sessions/",
    "/v1/formats/",
    "/v1/wallets/",
    "/v1/appeals/",
    "/v1/purchases/",
)
"""Tested where teams, invitations, devices, service accounts, providers, brains, accounts, formats, wallets and
verdicts are."""
TIMELINES = ("/film", "/edits", "/tracks", "/clips", "/markers", "/cuts")
"""Of a timeline, not of a storyboard."""


def filled(template: str, project: Project, scene: str) -> str:
    document = project.timeline if template.endswith(TIMELINES) else project.storyboard
    return template.format(
        project=ids.to_text("prj", project.id),
        scene=scene,
        user=ids.to_text("usr", uuid4()),
        team=ids.to_text("team", uuid4()),
        link=ids.to_text("lnk", uuid4()),
        hash="ab" * 32,
        document=ids.encode(document.id),
        token=uuid4(),
        version=ids.to_text("ver", uuid4()),
        episode=ids.to_text("epi", uuid4()),
        character=ids.to_text("chr", uuid4()),
        lookup=ids.to_text("lkp", uuid4()),
        season=ids.to_text("sea", uuid4()),
        proposal=ids.to_text("prp", uuid4()),
    )


def test_the_matrix_is_complete() -> None:
    about_things = {(each.method, each.path) for each in operations() if "{" in each.path and not each.public}
    assert about_things == {(case.method, case.template.partition("?")[0]) for case in CASES} | {
        pair for pair in about_things if pair[1] in ELSEWHERE or pair[1].startswith(OF_PEOPLE)
    }


@pytest.mark.parametrize("role", list(Role))
async def test_what_each_role_may(studio: Studio, ada: Person, bob: Person, role: Role) -> None:
    project = await studio.project(ada, ProjectKind.SERIES, **{role.value: bob})
    scene = await studio.scene(ada, project, prompt="A train at night.")
    for case in CASES:
        answer = await bob.http.request(
            case.method, filled(case.template, project, scene), json=case.body(scene), headers=case.headers
        )
        expected = case.status if role.may(case.need) else 403
        assert answer.status_code == expected, (case.method, case.template, answer.text)
        if expected == 403:
            assert answer.json()["code"] == "role.forbidden"


async def test_a_stranger_finds_nothing_that_exists(studio: Studio, ada: Person, bob: Person) -> None:
    project = await studio.project(ada)
    scene = await studio.scene(ada, project, prompt="A train at night.")
    for case in CASES:
        for actor, status in ((bob.http, 404), (studio.client(), 401)):
            answer = await actor.request(
                case.method, filled(case.template, project, scene), json=case.body(scene), headers=case.headers
            )
            assert answer.status_code == status, (case.method, case.template, answer.text)
    assert (await ada.http.get(path(project))).json()["title"] == "Night train"
