"""What the steps of a generation make, with one provider: the five stages, and the telling of the take.

Not when and by whom: `runner.py`.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any, assert_never

from jobs.desk import RunDesk
from jobs.metrics import WorkerMetrics
from services.generation.model import PUBLISH, Stage, State
from services.generation.providers.interface import Clip, FinishedTake, Panels, Plan, Provider, Sound
from services.generation.request import SceneRequest, digest, from_json, to_json
from services.generation.service import Generation
from services.runs.model import Done
from services.runs.service import Held
from storage.tables.steps import StepRow

log = logging.getLogger("storyforge.jobs")


class Stages:
    """`do` ends the step that it is given; its state is the run's afterwards."""

    def __init__(self, generation: Generation, provider: Provider, metrics: WorkerMetrics) -> None:
        self._generation = generation
        self._provider = provider
        self._metrics = metrics

    async def do(self, held: Held, desk: RunDesk) -> State:
        """Raises what the provider raises, `Fenced`, `StoreAway`."""
        request = from_json(SceneRequest, held.step.params["request"])
        if held.step.name == PUBLISH:
            take = from_json(FinishedTake, held.inputs[Stage.FINISH.value])
            steps = await self._generation.steps.of_run(held.run.id)
            await self._generation.scribe.finished(held, take, self._provenance(steps, request))
            for step in steps:
                if step.reused_from is not None:
                    self._metrics.reused.labels(step.name).inc()
            return State.COMPLETE
        stage = Stage(held.step.name)
        await desk.enter(stage)
        made = await self._make(stage, request, held.inputs, desk)
        await self._generation.steps.end(held, Done(to_json(made)))
        log.info("run.stage_done", extra={"stage": stage.value})
        return State.RUNNING

    async def _make(
        self, stage: Stage, request: SceneRequest, inputs: Mapping[str, Mapping[str, Any]], desk: RunDesk
    ) -> object:
        provider = self._provider
        if stage is Stage.ENHANCE:
            plan = await provider.enhance(request, desk)
            await desk.enhanced(plan, digest(to_json(request)))
            return plan
        plan = from_json(Plan, inputs[Stage.ENHANCE.value])
        match stage:
            case Stage.FRAMES:
                return await provider.frames(request, plan, desk)
            case Stage.CLIP:
                return await provider.clip(request, plan, from_json(Panels, inputs[Stage.FRAMES.value]), desk)
            case Stage.VOICE:
                return await provider.voice(request, plan, desk)
            case Stage.FINISH:
                clip = from_json(Clip, inputs[Stage.CLIP.value])
                sound = from_json(Sound, inputs[Stage.VOICE.value])
                return await provider.finish(request, plan, clip, sound, desk)
        assert_never(stage)

    def _provenance(self, steps: Sequence[StepRow], request: SceneRequest) -> dict[str, Any]:
        """How the take came about, for ever."""
        return {
            "provider": self._provider.name,
            "provider_version": self._provider.version,
            "request": digest(to_json(request)),
            "brain": to_json(request.brain),
            "steps": {step.name: step.key for step in steps if step.name != PUBLISH},
        }
