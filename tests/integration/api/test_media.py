"""Media over HTTP: a signed address for those who may, ranges for players, and nothing for forgers."""

import secrets
import time
from dataclasses import replace
from uuid import uuid4

import pytest

from api.signed_url import signed_path
from services.projects.model import Project
from services.safety.model import Finding, Opinion, Outcome, opinion_to_json
from storage.objects import hash_of
from storage.tables.media import MediaRow, add_media
from storage.tables.runs import NewRun, add_run
from storage.tables.takes import NewTake, add_take
from storage.tables.verdicts import NewVerdict, add_appeal, add_verdict, decide
from sync import ids
from tests.integration.api.studio import Person, Studio, path

SIZE = 300_000


async def stored(studio: Studio, project: Project, data: bytes, content_type: str = "video/mp4") -> str:
    stores, hash = studio.state.stores, hash_of(data)
    await stores.objects.put(hash, data, content_type)
    await add_media(stores.pool, project.id, MediaRow(hash, content_type, len(data)))
    return hash


@pytest.fixture
def clip() -> bytes:
    return secrets.token_bytes(SIZE)


async def address(person: Person, project: Project, hash: str) -> str:
    answer = await person.http.get(f"{path(project)}/media/{hash}")
    assert answer.status_code == 307, answer.text
    assert answer.headers["cache-control"].startswith("private")
    return str(answer.headers["location"])


async def test_a_member_gets_the_bytes_without_a_session(studio: Studio, ada: Person, clip: bytes) -> None:
    project = await studio.project(ada)
    hash = await stored(studio, project, clip)
    where = await address(ada, project, hash)
    async with studio.client() as http:
        answer = await http.get(where)
        assert (answer.status_code, answer.content) == (200, clip)
        assert answer.headers["content-type"] == "video/mp4"
        assert (answer.headers["etag"], answer.headers["accept-ranges"]) == (f'"{hash}"', "bytes")
        assert "immutable" in answer.headers["cache-control"] and "private" in answer.headers["cache-control"]
        head = await http.head(where)
        assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(SIZE))
        assert (await http.get(where, headers={"If-None-Match": f'"{hash}"'})).status_code == 304


@pytest.mark.parametrize(
    ("header", "start", "end"),
    [("bytes=0-99", 0, 100), ("bytes=299990-", 299_990, SIZE), ("bytes=-5", SIZE - 5, SIZE), ("bytes=0-", 0, SIZE)],
)
async def test_a_range(studio: Studio, ada: Person, clip: bytes, header: str, start: int, end: int) -> None:
    project = await studio.project(ada)
    where = await address(ada, project, await stored(studio, project, clip))
    async with studio.client() as http:
        answer = await http.get(where, headers={"Range": header})
        assert (answer.status_code, answer.content) == (206, clip[start:end])
        assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{SIZE}"
        assert answer.headers["content-length"] == str(end - start)
        head = await http.head(where, headers={"Range": header})
        assert (head.status_code, head.headers["content-range"]) == (206, answer.headers["content-range"])


async def test_ranges_that_do_not_fit(studio: Studio, ada: Person, clip: bytes) -> None:
    project = await studio.project(ada)
    hash = await stored(studio, project, clip)
    where = await address(ada, project, hash)
    async with studio.client() as http:
        outside = await http.get(where, headers={"Range": f"bytes={SIZE}-"})
        assert (outside.status_code, outside.headers["content-range"]) == (416, f"bytes */{SIZE}")
        assert (outside.json()["field"], outside.json()["limit"]) == ("Range", SIZE)
        several = await http.get(where, headers={"Range": "bytes=0-1,4-5"})
        assert (several.status_code, len(several.content)) == (200, SIZE)
        other = await http.get(where, headers={"Range": "bytes=0-1", "If-Range": '"other"'})
        assert (other.status_code, len(other.content)) == (200, SIZE)
        same = await http.get(where, headers={"Range": "bytes=0-1", "If-Range": f'"{hash}"'})
        assert same.status_code == 206


async def test_forged_and_expired_addresses(studio: Studio, ada: Person, clip: bytes) -> None:
    project = await studio.project(ada)
    hash = await stored(studio, project, clip)
    secret = studio.state.keys.media_secret
    late = signed_path(secret, hash, time.time() - 3600, 60)
    good = signed_path(secret, hash, time.time(), 60)
    forged = [
        good.replace(hash, "ab" * 32),
        good[:-4] + ("AAAA" if not good.endswith("AAAA") else "BBBB"),
        late.replace("exp=", "exp=9"),
        signed_path(bytes(32), hash, time.time(), 60),
    ]
    async with studio.client() as http:
        answer = await http.get(late)
        assert (answer.status_code, answer.json()["code"]) == (410, "url.expired")
        for where in forged:
            answer = await http.get(where)
            assert (answer.status_code, answer.json()["code"]) == (403, "url.forged")
        for query in ("", "?exp=1", "?exp=x&sig=" + "a" * 43, "?exp=1&sig=short"):
            assert (await http.get(f"/v1/media/{hash}{query}")).status_code == 422
        assert (await http.get(good)).status_code == 200


async def test_media_belongs_to_projects(studio: Studio, ada: Person, bob: Person, clip: bytes) -> None:
    project, other = await studio.project(ada), await studio.project(ada, viewer=bob)
    hash = await stored(studio, project, clip)
    assert (await bob.http.get(f"{path(project)}/media/{hash}")).json()["code"] == "project.missing"
    assert (await bob.http.get(f"{path(other)}/media/{hash}")).json()["code"] == "media.missing"
    assert (await ada.http.get(f"{path(project)}/media/..%2f..%2fetc")).status_code == 404
    await add_media(studio.state.stores.pool, other.id, MediaRow(hash, "video/mp4", SIZE))
    await address(bob, other, hash)


async def test_a_row_without_bytes_is_missing(studio: Studio, ada: Person) -> None:
    project, hash = await studio.project(ada), hash_of(secrets.token_bytes(16))
    await add_media(studio.state.stores.pool, project.id, MediaRow(hash, "video/mp4", 16))
    where = await address(ada, project, hash)
    async with studio.client() as http:
        assert (await http.get(where)).status_code == 404


async def test_a_type_that_browsers_might_run_is_a_download(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    data = b"<script>alert(1)</script>" + secrets.token_bytes(4)
    where = await address(ada, project, await stored(studio, project, data, "text/html"))
    async with studio.client() as http:
        answer = await http.get(where)
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == "attachment"
    assert "sandbox" in answer.headers["content-security-policy"]


async def test_what_moderation_refuses_is_for_those_who_may_edit(
    studio: Studio, ada: Person, bob: Person, clip: bytes
) -> None:
    project = await studio.project(ada, viewer=bob)
    scene = await studio.scene(ada, project, title="Rain")
    _, take = await studio.take(ada, project, scene)
    row = (await ada.http.get(f"/v1/takes/{take}")).json()
    thumb = await stored(studio, project, clip, "image/jpeg")
    pool = studio.state.stores.pool
    await pool.execute("update takes set thumb_hash = $1 where media_hash = $2", thumb, row["media"])
    await add_media(pool, project.id, MediaRow(row["media"], "video/mp4", 1))
    places = [f"{path(project)}/media/{hash}" for hash in (row["media"], thumb)]
    assert {(await bob.http.get(place)).status_code for place in places} == {307}

    naked = Finding("nudity", Outcome.REFUSED, "frame 0", "", "It is naked.")
    verdict = NewVerdict(
        id=uuid4(),
        project_id=project.id,
        asked_by=ada.actor.user_id,
        subject="output",
        digest=row["media"],
        media=row["media"],
        run_id=None,
        safety="standard",
        policy="1",
        outcome="refused",
        opinions=[opinion_to_json(Opinion("prude", "1", (naked,)))],
    )
    await add_verdict(pool, verdict)
    assert {(await bob.http.get(place)).status_code for place in places} == {404}
    assert {(await ada.http.get(place)).status_code for place in places} == {307}

    assert await add_appeal(pool, verdict.id, project.id, ada.actor.user_id, "It is a statue.")
    assert {(await bob.http.get(place)).status_code for place in places} == {404}, "an appeal alone changes nothing"
    assert await decide(pool, verdict.id, "overturned", ada.actor.user_id, "It is.")
    assert {(await bob.http.get(place)).status_code for place in places} == {307}


async def test_what_is_downloaded_is_a_file(studio: Studio, ada: Person, clip: bytes) -> None:
    project = await studio.project(ada)
    hash = await stored(studio, project, clip)
    where = (await ada.http.get(f"{path(project)}/media/{hash}?download=1")).headers["location"]
    async with studio.client() as http:
        answer = await http.get(where)
        assert (answer.status_code, answer.content) == (200, clip)
        assert (answer.headers["content-disposition"], answer.headers["content-type"]) == ("attachment", "video/mp4")


async def test_takes_are_listed_newest_first(studio: Studio, ada: Person, bob: Person, clip: bytes) -> None:
    project, pool = await studio.project(ada), studio.state.stores.pool
    scene, hash = await studio.scene(ada, project), await stored(studio, project, clip)
    take = NewTake(
        uuid4(),
        project.id,
        project.storyboard.id,
        scene,
        uuid4(),
        1,
        hash,
        hash,
        48,
        1280,
        720,
        (24, 1),
        {"by": "us"},
        7,
    )
    made = []
    for number in (1, 2, 3):
        run = NewRun(uuid4(), project.id, project.storyboard.id, scene, ada.actor.user_id, None, {})
        await add_run(pool, run)
        await pool.execute("update runs set state = 'complete' where id = $1", run.id)
        made.append(replace(take, id=uuid4(), run_id=run.id, number=number))
        await add_take(pool, made[-1])
    first = (await ada.http.get(f"{path(project)}/takes", params={"limit": 2})).json()
    assert [each["number"] for each in first["takes"]] == [3, 2]
    rest = (await ada.http.get(f"{path(project)}/takes", params={"limit": 2, "cursor": first["next"]})).json()
    assert ([each["number"] for each in rest["takes"]], rest["next"]) == ([1], None)
    of_scene = (await ada.http.get(f"{path(project)}/scenes/{scene}/takes")).json()
    assert of_scene["takes"] == first["takes"] + rest["takes"]
    one = f"/v1/takes/{ids.to_text('tak', made[0].id)}"
    found = (await ada.http.get(one)).json()
    assert (found["media"], found["rate"], found["provenance"], found["cost_micro"]) == (hash, [24, 1], {"by": "us"}, 7)
    assert (await bob.http.get(one)).json()["code"] == "take.missing"
    assert (await ada.http.get(f"/v1/takes/{ids.to_text('tak', uuid4())}")).json()["code"] == "take.missing"
    snapshot = (await ada.http.get(f"{path(project)}/snapshot")).json()
    assert snapshot["scenes"][0]["take"]["number"] == 3
