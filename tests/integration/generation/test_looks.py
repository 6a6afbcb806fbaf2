"""Brains of teams in generations: found as the shot plan finds them, carried by the request, drawn by workers."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.brains import stored
from services.brains.model import Brain, Lens
from services.brains.presets import THRILLER
from services.brains.service import BRAIN_PREFIX
from services.generation.graph import Stage
from services.generation.request import SceneRequest, from_json
from storage.tables import brains, takes
from sync import ids
from sync.storyboard import server

from .studio import Studio

BLUE = replace(
    THRILLER, name="Blue hours", lens=Lens(85, 100, 135), palette=("000010", "000030", "000060", "0000A0", "0000F0")
)


async def _brain(studio: Studio, *versions: Brain, of_project: bool = True) -> str:
    """Of a new team; its id."""
    brain_id, team_id = uuid4(), uuid4()
    name = ids.to_text(BRAIN_PREFIX, brain_id)
    async with studio.stores.pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "insert into teams (id, name, created_by) values ($1, 'Night shift', $2)", team_id, studio.user_id
        )
        if of_project:
            await connection.execute(
                "insert into project_teams (project_id, team_id, role) values ($1, $2, 'editor')",
                studio.project_id,
                team_id,
            )
        await brains.add_brain(connection, brain_id, team_id, studio.user_id)
        for number, version in enumerate(versions, 1):
            record = stored.to_json(replace(version, id=name, version=number))
            await brains.add_version(connection, brain_id, number, record, studio.user_id)
    return name


async def _named(studio: Studio, choice: dict[str, Any]) -> str:
    scene_id = await studio.add_scene()
    await studio.edit(lambda doc: server.set_keys(doc, scene_id, {"brain": choice}))
    return scene_id


async def _keys(studio: Studio, run_id: UUID) -> dict[str, str | None]:
    return {step.name: step.key for step in await studio.generation.steps.of_run(run_id)}


async def test_a_request_carries_the_version_of_a_teams_brain_that_the_scene_names(studio: Studio) -> None:
    name = await _brain(studio, BLUE, replace(BLUE, name="Bluer hours"))
    old = await studio.request(await _named(studio, {"id": name, "ver": 1, "strength": 70}))
    new = await studio.request(await _named(studio, {"id": name}))
    first, second = (from_json(SceneRequest, run.request).brain for run in (old, new))
    assert (first.id, first.version, first.strength, first.look.name) == (name, 1, 70, "Blue hours")
    assert (second.id, second.version, second.strength, second.look.name) == (name, 2, 100, "Bluer hours")
    assert stored.digest(first.look) == stored.digest(replace(BLUE, id=name, version=1))


async def test_the_projects_brain_may_be_a_teams(studio: Studio) -> None:
    name = await _brain(studio, BLUE)
    await studio.stores.pool.execute("update projects set brain = $2 where id = $1", studio.project_id, name)
    run = await studio.request(await studio.add_scene())
    assert from_json(SceneRequest, run.request).brain.look == replace(BLUE, id=name, version=1)


@pytest.mark.parametrize("version", [2, 0, -(10**12), 10**12])
async def test_a_version_that_there_never_was_is_the_projects_brain(studio: Studio, version: int) -> None:
    name = await _brain(studio, BLUE)
    run = await studio.request(await _named(studio, {"id": name, "ver": version}))
    assert run.request["brain"] == {"id": "thriller", "version": THRILLER.version, "strength": 100}


async def test_a_brain_of_a_team_without_a_role_in_the_project_is_not_to_be_had(studio: Studio) -> None:
    name = await _brain(studio, BLUE, of_project=False)
    run = await studio.request(await _named(studio, {"id": name}))
    assert run.request["brain"]["id"] == "thriller"


async def test_a_preset_is_spelled_as_it_always_was(studio: Studio) -> None:
    """Steps that were made before teams had brains keep their keys."""
    run = await studio.request(await studio.add_scene())
    assert run.request["brain"] == {"id": "thriller", "version": THRILLER.version, "strength": 100}


async def test_a_worker_draws_a_teams_brain(studio: Studio) -> None:
    """Also when the brain was deleted after it was asked for: the request is whole."""
    name = await _brain(studio, BLUE)
    scene_id = await _named(studio, {"id": name, "ver": 1})
    plain = await studio.request(await studio.add_scene())
    async with studio.worker():
        asked = await studio.rung(scene_id)
        await brains.delete_brain(studio.stores.pool, ids.from_text(BRAIN_PREFIX, name))
        run = await studio.ended(asked.id)
        assert (run.state, run.error) == ("complete", None), run
        assert (await studio.ended(plain.id)).state == "complete"
    made = {step.name: step.output for step in await studio.generation.steps.of_run(run.id)}
    plan = made[Stage.ENHANCE]
    assert plan is not None and all(85 <= shot["lens_mm"] <= 135 for shot in plan["shots"]), "its own lenses"
    (take,) = await takes.takes_of_scene(studio.stores.pool, studio.document_id, scene_id)
    assert take.provenance["brain"] == {"id": name, "version": 1, "strength": 100}
    ours, theirs = await _keys(studio, run.id), await _keys(studio, plain.id)
    assert not set(ours.values()) & set(theirs.values()), "another look, other keys"
