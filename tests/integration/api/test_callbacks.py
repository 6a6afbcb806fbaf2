"""The route by which providers call back: public, signed, small, and answered in a way that they understand."""

import json
import time
from dataclasses import replace

import pytest

from deploy.stubs import callbacks as stubbed
from deploy.stubs.callbacks import SECRET
from deploy.stubs.stage import Clock, Made, Scenario, Stage
from services.generation.providers.registry import open_providers
from services.generation.providers.settings import Account, ProviderSettings
from services.generation.shots.callbacks import BODY_BYTES_MAX, Callbacks

from .studio import Studio

BODY = json.dumps({"id": "task-1", "status": "succeeded", "external_id": "x"}).encode()
WHERE = "/v1/callbacks/replicate"
ACCOUNTS = ProviderSettings({"replicate": Account("key", "http://127.0.0.1:1", (SECRET,))})


def signed(scenario: Scenario, at: float, body: bytes = BODY) -> list[tuple[dict[str, str], bytes]]:
    """As the stub sends it, of a task that was done at that moment."""

    async def nowhere(url: str, headers: object, body: bytes) -> None: ...

    stage = Stage(Clock(at), nowhere)
    task = stage.accept("replicate", "m", scenario, Made("mp4"), 1.0, callback_url="https://studio.test")
    task = replace(task, created_at=at - stage.ended_at(task) + task.created_at)
    return [(dict(each.headers), each.body) for each in stubbed.standard(stage, task, body)]


async def test_a_provider_is_answered_so_that_it_knows_whether_to_say_it_again(studio: Studio) -> None:
    async with open_providers(ACCOUNTS) as remotes:
        steps, pool = studio.state.generation.steps, studio.state.stores.pool
        house = replace(studio, state=replace(studio.state, callbacks=Callbacks(pool, remotes, steps)))
        async with house.client() as http:
            for headers, body in signed(Scenario.CALLBACK_TWICE, time.time()):
                assert (await http.post(WHERE, content=body, headers=headers)).status_code == 204
            for scenario, at, reason in (
                (Scenario.CALLBACK_UNSIGNED, time.time(), "unsigned"),
                (Scenario.CALLBACK_FORGED, time.time(), "forged"),
                (Scenario.OK, time.time() - 900, "stale"),
            ):
                ((headers, body),) = signed(scenario, at)
                refused = await http.post(WHERE, content=body, headers=headers)
                assert (refused.status_code, refused.json()["code"]) == (401, "provider.hint")
                assert refused.json()["detail"] == f"The webhook is {reason}."
            nobody = await http.post("/v1/callbacks/nobody", content=BODY)
            assert (nobody.status_code, nobody.json()["detail"]) == (401, "The webhook is unasked.")


@pytest.mark.parametrize(("more", "status"), [(0, 204), (1, 413)])
async def test_a_callback_is_small(studio: Studio, more: int, status: int) -> None:
    frame = len(json.dumps({"id": "task-1", "pad": ""}))
    body = json.dumps({"id": "task-1", "pad": "x" * (BODY_BYTES_MAX - frame + more)}).encode()
    async with open_providers(ACCOUNTS) as remotes:
        steps, pool = studio.state.generation.steps, studio.state.stores.pool
        house = replace(studio, state=replace(studio.state, callbacks=Callbacks(pool, remotes, steps)))
        ((headers, body),) = signed(Scenario.OK, time.time(), body)
        async with house.client() as http:
            answer = await http.post(WHERE, content=body, headers=headers)
    assert answer.status_code == status
