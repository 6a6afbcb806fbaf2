"""The router hears which results people could pick among, and which they approved; each once."""

from uuid import UUID

from services.generation.graph import Wish
from services.generation.routing.taste import Taste
from storage.tables import routes
from tests.contract.remote import open_door
from tests.simulation.sketchbook import QuickEye, Sketchbook

from .backlot import Backlot, open_backlot
from .studio import Studio


async def came(lot: Backlot, run_id: UUID) -> list[set[str]]:
    return [set(row.came) for row in await routes.of_run(lot.studio.stores.pool, run_id) if row.model is not None]


async def test_a_second_take_makes_a_choice_and_an_approval_a_pick(studio: Studio) -> None:
    async with (
        open_door() as door,
        open_backlot(studio, door, "runway", local=Sketchbook(), examiner=QuickEye()) as lot,
    ):
        final = await lot.over((await lot.final(frames=24)).id)
        assert final.state == "complete" and final.take_id is not None
        made = await came(lot, final.id)
        assert made and not any("shown" in each for each in made), "there is nothing beside it"

        draft = await studio.generation.request(
            studio.project_id, studio.document_id, final.scene_id, studio.user_id, wish=Wish()
        )
        await lot.over(draft.id)
        assert all("shown" in each and "picked" not in each for each in await came(lot, final.id))
        taste = Taste(studio.stores.pool)
        for _ in range(2):
            await taste.approved(final.take_id)
        assert all("picked" in each for each in await came(lot, final.id))
        counted = await studio.stores.pool.fetchval(
            "select count(*) from route_observations o join routes r on r.id = o.route_id"
            " where r.run_id = $1 and o.kind = 'picked'",
            final.id,
        )
        assert counted == len(made)
