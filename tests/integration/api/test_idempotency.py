"""A POST with an Idempotency-Key: once, the same answer for each repetition, also when whoever served it died."""

import asyncio
from uuid import uuid4

import asyncpg
import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response

from api import projects
from api.gateway_errors import KeyUnfinished
from api.main import operations
from api.once import HELD_S, WRITING_TIMEOUT_S, Once, served_once
from api.operation import TIME_LIMITS_S
from services.projects.model import ProjectKind
from storage.errors import StoreAway
from storage.postgres import Executor
from storage.tables import idempotency
from sync import ids
from tests.integration.api.studio import Person, Studio, insisted, path

NEW = {"title": "Once", "kind": "short"}


async def titles(person: Person) -> list[str]:
    return [project["title"] for project in (await person.http.get("/v1/projects")).json()["projects"]]


async def test_a_repetition_is_answered_the_same_and_says_so(ada: Person) -> None:
    key = uuid4().hex
    first = await insisted(ada.http, "/v1/projects", key, NEW)
    again = await insisted(ada.http, "/v1/projects", key, NEW)
    assert (first.status_code, first.headers.get("idempotency-replayed")) == (201, None)
    assert (again.status_code, again.headers["idempotency-replayed"]) == (201, "true")
    assert again.content == first.content and again.headers["location"] == first.headers["location"]
    assert again.headers["content-type"] == "application/json"
    assert await titles(ada) == ["Once"]


@pytest.mark.parametrize(
    "body", [{"title": "Twice", "kind": "short"}, {"kind": "short", "title": "Once", "brain": None}]
)
async def test_another_request_with_the_key_is_a_mistake(ada: Person, body: object) -> None:
    key = uuid4().hex
    await insisted(ada.http, "/v1/projects", key, NEW)
    other = await insisted(ada.http, "/v1/projects", key, body)
    assert (other.status_code, other.json()["code"], other.json()["field"]) == (
        422,
        "idempotency.reused",
        "Idempotency-Key",
    )
    assert await titles(ada) == ["Once"]


async def test_a_key_belongs_to_its_user(ada: Person, bob: Person) -> None:
    key = uuid4().hex
    one, other = [await insisted(each.http, "/v1/projects", key, NEW) for each in (ada, bob)]
    assert one.json()["id"] != other.json()["id"]


async def test_one_at_a_time_and_the_others_are_told_to_ask_again(
    studio: Studio, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()
    create = studio.state.projects.create

    async def slow(*args: object, **kwargs: object) -> object:
        begun.set()
        await go_on.wait()
        return await create(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(type(studio.state.projects), "create", lambda self, *args, **kwargs: slow(*args, **kwargs))
    key = uuid4().hex
    async with asyncio.TaskGroup() as group:
        first = group.create_task(insisted(ada.http, "/v1/projects", key, NEW))
        await begun.wait()
        second = await ada.http.post("/v1/projects", json=NEW, headers={"Idempotency-Key": key})
        assert (second.status_code, second.json()["code"]) == (409, "idempotency.in_flight")
        assert second.headers["retry-after"] == "1"
        go_on.set()
    assert first.result().status_code == 201
    assert await titles(ada) == ["Once"]


async def test_the_answer_is_there_as_soon_as_the_effect_is(
    studio: Studio, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed right behind the commit: the answer was kept in the project's own transaction."""

    def died(call: object, project: object) -> object:
        raise RuntimeError("killed")

    key, made = uuid4().hex, projects._made
    calls = iter((made, died))  # the first is what the transaction keeps, the second what would be sent
    monkeypatch.setattr(projects, "_made", lambda call, project: next(calls)(call, project))
    assert (await insisted(ada.http, "/v1/projects", key, NEW)).status_code == 500
    monkeypatch.undo()
    again = await insisted(ada.http, "/v1/projects", key, NEW)
    assert (again.status_code, again.headers["idempotency-replayed"]) == (201, "true")
    assert await titles(ada) == ["Once"]


@pytest.mark.parametrize(
    ("where", "body"),
    [
        ("/v1/projects", NEW),
        ("/v1/teams", {"name": "Second unit"}),
        ("{project}/seasons", {"title": "One"}),
        ("{project}/episodes", {"title": "Two"}),
        ("{project}/characters", {"name": "Mara"}),
        ("{project}/share-links", {"label": "For the festival"}),
        ("/v1/teams/{team}/service-accounts", {"name": "Render farm"}),
        ("/v1/service-accounts/{account}/keys", {"name": "Nightly", "role": "viewer"}),
    ],
)
async def test_whatever_one_transaction_makes_keeps_its_answer_in_it(
    studio: Studio, ada: Person, where: str, body: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept_in_transaction: list[bool] = []
    keep = Once.keep

    async def watched(self: Once, executor: Executor, answer: Response) -> None:
        kept_in_transaction.append(not isinstance(executor, asyncpg.Pool) and executor.is_in_transaction())
        await keep(self, executor, answer)

    project = await studio.project(ada, ProjectKind.SERIES)
    team = (await ada.http.post("/v1/teams", json={"name": "Second unit"})).json()["id"]
    account = (await ada.http.post(f"/v1/teams/{team}/service-accounts", json={"name": "Bot"})).json()["id"]
    monkeypatch.setattr(Once, "keep", watched)
    made = await insisted(ada.http, where.format(project=path(project), team=team, account=account), uuid4().hex, body)
    assert made.status_code == 201, made.text
    assert kept_in_transaction == [True, False]  # the second finds the first


async def test_killed_before_the_commit_it_is_made_again(
    studio: Studio, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def died(project: object) -> httpx.Response:
        raise RuntimeError("killed")

    key = uuid4().hex
    monkeypatch.setattr(projects, "_made", died)
    assert (await insisted(ada.http, "/v1/projects", key, NEW)).status_code == 500
    assert await titles(ada) == []
    monkeypatch.undo()
    assert (await insisted(ada.http, "/v1/projects", key, NEW)).status_code == 201
    assert await titles(ada) == ["Once"]


async def test_a_refusal_has_no_effect_and_leaves_the_key_free(ada: Person) -> None:
    key, scene = uuid4().hex, {"title": "x" * 300, "kind": "short"}
    assert (await insisted(ada.http, "/v1/projects", key, scene)).status_code == 422
    assert (await insisted(ada.http, "/v1/projects", key, NEW)).status_code == 201


async def test_what_cannot_be_resumed_is_not_made_again(studio: Studio, ada: Person) -> None:
    """For operations that say nothing of themselves: rather a question for a person than two of a thing."""
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/things",
        "query_string": b"",
        "headers": [(b"idempotency-key", uuid4().hex.encode())],
    }
    made: list[int] = []

    async def nothing() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def serve(once: object) -> Response:
        made.append(1)
        raise StoreAway("in the middle")

    for error in (StoreAway, KeyUnfinished, KeyUnfinished):
        with pytest.raises(error):
            await served_once(
                studio.state.stores.pool, b"x" * 32, Request(scope, nothing), ada.actor.user_id, False, serve
            )
    assert made == [1]


async def test_a_token_in_an_answer_is_not_readable_in_the_table(studio: Studio, ada: Person) -> None:
    answer = await insisted(ada.http, "/v1/tickets", "a-key", None)
    kept = await studio.state.stores.pool.fetch(
        "select key_hash, answer from idempotency_keys where actor = $1", ada.actor.user_id
    )
    assert len(kept) == 1 and len(kept[0]["answer"]) > 40
    assert answer.json()["ticket"].encode() not in kept[0]["answer"]
    assert (await insisted(ada.http, "/v1/tickets", "a-key", None)).json() == answer.json()


async def test_keys_past_their_time_are_forgotten(studio: Studio, ada: Person) -> None:
    pool: asyncpg.Pool = studio.state.stores.pool
    key = uuid4().hex
    first = await insisted(ada.http, "/v1/projects", key, NEW)
    aged = "update idempotency_keys set created_at = now() - interval '25 hours' where actor = $1"
    await pool.execute(aged, ada.actor.user_id)
    again = await insisted(ada.http, "/v1/projects", key, NEW)
    assert again.status_code == 201 and again.json()["id"] != first.json()["id"]
    await pool.execute(aged, ada.actor.user_id)
    while await idempotency.forget_old(pool, 1):
        pass
    assert await pool.fetchval("select count(*) from idempotency_keys where actor = $1", ada.actor.user_id) == 0


def test_nobody_takes_over_a_key_that_is_still_served() -> None:
    assert max(TIME_LIMITS_S.values()) + WRITING_TIMEOUT_S < HELD_S


def test_every_post_of_somebody_signed_in_takes_a_key() -> None:
    assert {each.name for each in operations() if each.method == "POST" and not each.public and not each.takes_key} == {
        "uploads.create"  # tus has offsets for that
    }


@pytest.mark.parametrize(
    ("where", "body", "secret"),
    [
        ("{project}/share-links", {"label": "For the festival"}, "url"),
        ("/v1/service-accounts/{account}/keys", {"name": "Nightly", "role": "viewer"}, "key"),
    ],
)
async def test_a_repetition_is_the_same_thing_and_shows_its_secret_to_nobody(
    studio: Studio, ada: Person, where: str, body: object, secret: str
) -> None:
    project, key = await studio.project(ada), uuid4().hex
    team = (await ada.http.post("/v1/teams", json={"name": "Second unit"})).json()["id"]
    account = (await ada.http.post(f"/v1/teams/{team}/service-accounts", json={"name": "Bot"})).json()["id"]
    address = where.format(project=path(project), account=account)
    made = (await insisted(ada.http, address, key, body)).json()
    again = await insisted(ada.http, address, key, body)
    assert (again.status_code, again.headers["idempotency-replayed"]) == (201, "true")
    assert made[secret] and again.json() == made | {secret: None}


async def test_an_invitation_that_was_made_before_a_crash_is_found_again(studio: Studio, ada: Person) -> None:
    project, key = await studio.project(ada), uuid4().hex
    address, body = f"{path(project)}/invitations", {"email": f"{uuid4().hex}@elsewhere.test", "role": "viewer"}
    made = await insisted(ada.http, address, key, body)
    await studio.lose_answers(ada)
    again = await insisted(ada.http, address, key, body)
    assert (made.status_code, again.status_code, again.json()) == (201, 201, made.json())
    assert len((await ada.http.get(address)).json()["invitations"]) == 1
    pool = studio.state.stores.pool
    assert (
        await pool.fetchval(
            "select count(*) from outgoing_mail where subject_id = $1", ids.from_text("inv", made.json()["id"])
        )
        == 1
    )
