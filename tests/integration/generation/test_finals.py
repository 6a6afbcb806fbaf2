"""A final: its shots are made one by one, each by whom the router says, and cut together."""

from pathlib import Path

from services.generation.graph import Wish
from services.generation.providers.animatic.provider import verify
from services.generation.routing.model import Purpose
from storage.tables import takes
from sync.storyboard import server

from .studio import DIALOGUE, SMALL, Studio


async def test_the_shots_of_a_final_become_one_take(studio: Studio, tmp_path: Path) -> None:
    scene_id = await studio.add_scene(frames=48)
    await studio.edit(lambda doc: server.set_keys(doc, scene_id, {"dlg": [dict(line) for line in DIALOGUE]}))
    async with studio.worker():
        run = await studio.rung(scene_id, Wish(purpose=Purpose.FINAL))
        done = await studio.ended(run.id)
    assert (done.state, done.error, done.pct) == ("complete", None, 100)
    steps = {step.name: step for step in await studio.generation.steps.of_run(run.id)}
    plan = steps["enhance"].output
    assert plan is not None and len(plan["shots"]) >= 2
    assert {f"shot.{number}" for number in range(1, len(plan["shots"]) + 1)} < set(steps)
    assert {step.state for step in steps.values()} == {"done"}
    (take,) = await takes.takes_of_scene(studio.stores.pool, studio.document_id, scene_id)
    assert take.frames == sum(shot["frames"] for shot in plan["shots"])
    (tmp_path / "take.mp4").write_bytes(await studio.stores.objects.get(take.media))
    assert await verify(tmp_path, "take.mp4", take.frames, SMALL) > -50
