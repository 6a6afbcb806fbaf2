"""Routes of scenes, and the snapshot from which a reviewer's phone starts."""

from uuid import UUID

from starlette.responses import Response

from api.call import Call, reply
from api.operation import Operation
from api.schemas import (
    EpisodeQuery,
    NewScene,
    SceneFields,
    SceneOut,
    ScenesOut,
    ScenesQuery,
    Snapshot,
    SnapshotPreview,
    SnapshotProject,
    SnapshotRun,
    SnapshotScene,
    SnapshotTake,
)
from api.schemas import SceneChange as SceneChangeIn
from services.scenes.model import UNCHANGED, SceneChange, Unchanged
from storage.tables.scenes import SceneOverview, ScenePlace, SceneRow
from sync import ids


async def listed(call: Call) -> Response:
    query, project_id = call.query(ScenesQuery), call.id("prj", "project")
    behind = _place(call.position(query.cursor))
    found = await call.state.scenes.of_project(call.actor, project_id, _episode(query), behind, query.limit)
    following = _position(found[-1]) if len(found) == query.limit else None
    return call.page(ScenesOut(scenes=[_scene(row) for row in found], next=call.cursor(following)))


async def get(call: Call) -> Response:
    return reply(_scene(await call.state.scenes.get(call.actor, call.id("prj", "project"), call.text("scene"))))


async def newest(call: Call) -> Response:
    """What `change` is compared with: rows may be a second behind people who are typing."""
    return reply(_scene(await call.state.scenes.newest(call.actor, call.id("prj", "project"), call.text("scene"))))


async def add(call: Call) -> Response:
    body = await call.body(NewScene)
    project_id, key = call.id("prj", "project"), call.idempotency_key()
    episode = None if body.episode is None else ids.from_text("epi", body.episode)
    scene = await call.state.scenes.add(call.actor, project_id, _change(body, body.after), key, episode)
    answer = reply(_scene(scene), 201)
    answer.headers["Location"] = f"/v1/projects/{ids.to_text('prj', project_id)}/scenes/{scene.id}"
    return answer


async def change(call: Call) -> Response:
    body = await call.body(SceneChangeIn)
    project_id, scene_id = call.id("prj", "project"), call.text("scene")
    return reply(_scene(await call.state.scenes.change(call.actor, project_id, scene_id, _change(body, body.after))))


async def snapshot(call: Call) -> Response:
    project_id = call.id("prj", "project")
    project = await call.state.projects.get(call.actor, project_id)
    cursor, found = await call.state.scenes.overview(call.actor, project_id, _episode(call.query(EpisodeQuery)))
    return reply(
        Snapshot(
            cursor=cursor,
            project=SnapshotProject(
                id=ids.to_text("prj", project.id), title=project.title, kind=project.kind, role=project.role
            ),
            scenes=[_overview(scene) for scene in found],
        )
    )


def _episode(query: EpisodeQuery) -> UUID | None:
    return None if query.episode is None else ids.from_text("epi", query.episode)


def _position(row: SceneRow) -> str:
    return f"{row.episode_id}/{row.position}/{row.id}"


def _place(position: str | None) -> ScenePlace | None:
    if position is None:
        return None
    episode, place, scene = position.split("/", 2)
    return ScenePlace(UUID(episode), int(place), scene)


def _change(body: SceneFields, after: str | None) -> SceneChange:
    place: str | Unchanged | None = after if "after" in body.model_fields_set else UNCHANGED
    return SceneChange(
        title=body.title,
        number=body.number,
        prompt=body.prompt,
        slug=None if body.slug is None else body.slug.model_dump(),
        dialogue=None if body.dialogue is None else [line.model_dump() for line in body.dialogue],
        est_frames=body.est_frames,
        after=place,
    )


def _scene(row: SceneRow) -> SceneOut:
    return SceneOut(
        id=row.id,
        number=row.number,
        title=row.title,
        slug=row.slug,
        prompt=row.prompt,
        status=row.status,
        position=row.position,
        est_frames=row.est_frames,
        current_take=None if row.current_take is None else ids.to_text("tak", row.current_take),
        seq=row.seq,
        episode=ids.to_text("epi", row.episode_id),
    )


def _overview(scene: SceneOverview) -> SnapshotScene:
    run, take = scene.run, scene.take
    return SnapshotScene(
        id=scene.id,
        episode=ids.to_text("epi", scene.episode_id),
        num=scene.number,
        title=scene.title,
        slug=scene.slug,
        prompt=scene.prompt,
        status=scene.status,
        preview=_preview(scene),
        take=None
        if take is None
        else SnapshotTake(
            id=ids.to_text("tak", take.id),
            number=take.number,
            media=take.media,
            thumb=take.thumb,
            frames=take.frames,
            rate=take.rate,
        ),
        run=None
        if run is None
        else SnapshotRun(id=ids.to_text("run", run.id), state=run.state, stage=run.stage, pct=run.pct),
    )


def _preview(scene: SceneOverview) -> SnapshotPreview | None:
    """Only of the newest run, and never of one that was cancelled (P12)."""
    shown, run = scene.preview, scene.run
    if shown is None or run is None or run.state == "cancelled" or shown.get("run") != ids.to_text("run", run.id):
        return None
    return SnapshotPreview(media=shown["media"], f=shown["f"])


_ALL = "/v1/projects/{project}/scenes"
_ONE = _ALL + "/{scene}"

OPERATIONS = (
    Operation(
        "GET", _ALL, listed, "scenes", "The scenes in story order", query=ScenesQuery, answer=ScenesOut, refusals=(404,)
    ),
    Operation(
        "POST",
        _ALL,
        add,
        "scenes",
        "Add a scene",
        body=NewScene,
        answer=SceneOut,
        status=201,
        refusals=(403, 404, 409),
        resumes=True,
    ),
    Operation("GET", _ONE, get, "scenes", "One scene", answer=SceneOut, refusals=(404,)),
    Operation(
        "PATCH",
        _ONE,
        change,
        "scenes",
        "Change or move a scene",
        body=SceneChangeIn,
        answer=SceneOut,
        refusals=(403, 404, 409),
        seen=newest,
    ),
    Operation(
        "GET",
        "/v1/projects/{project}/snapshot",
        snapshot,
        "scenes",
        "Everything a reviewer sees at one moment",
        query=EpisodeQuery,
        answer=Snapshot,
        refusals=(404,),
    ),
)
