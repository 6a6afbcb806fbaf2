"""What the steps of a generation make, with one provider: the five stages, the choice between frames, the telling.

Not when and by whom: `runner.py`. Not which steps there are: `services/generation/graph.py`.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from jobs.desk import RunDesk
from jobs.errands import Errands, shot_of
from jobs.metrics import WorkerMetrics
from jobs.screening import Screening
from services.billing.model import MICRO
from services.cache.model import Layer, Made
from services.cache.service import Cache
from services.generation import graph
from services.generation.conform import conform
from services.generation.errors import StepFailed
from services.generation.finishing.keeping import keep_parts
from services.generation.graph import Offering, Stage, Wish, behind_offers, broken_down, stage_of
from services.generation.judging import Judged, Judging, keep, quality_of
from services.generation.model import State
from services.generation.providers.animatic.enhance import reseeded
from services.generation.providers.interface import Clip, FinishedTake, Panels, Plan, Provider, Sound, TakeParts
from services.generation.request import SceneRequest, digest, from_json, to_json
from services.generation.reuse.lookout import Lookout
from services.generation.reuse.tally import book, tallies_of
from services.generation.reuse.voices import Voices, keep_lines
from services.generation.routing.taste import Taste
from services.generation.scribe import run_text
from services.generation.service import Generation
from services.generation.shots.film import panels_of
from services.runs.model import Done, Park, StepSpec
from services.runs.service import Held
from storage.errors import StoreAway
from storage.postgres import Connection
from storage.tables.runs import RunRow
from storage.tables.steps import StepRow
from sync import ids

log = logging.getLogger("storyforge.jobs")

PLAN_QUESTION = "A language model would film some shots otherwise. Whose plan shall be made?"
BY_MODEL, BY_RULES = "model", "rules"
"""The choices of `agree`."""
DECLINED = "The plan by rules was chosen."
QUESTION = "Which of these shall be filmed?"


class Stages:
    """`do` ends the step that it is given; its state is the run's afterwards. `told`: hears of runs with a take."""

    def __init__(
        self,
        generation: Generation,
        provider: Provider,
        screening: Screening,
        errands: Errands,
        judging: Judging,
        taste: Taste,
        cache: Cache,
        lookout: Lookout,
        voices: Voices,
        metrics: WorkerMetrics,
        told: Callable[[RunRow], None],
    ) -> None:
        self._generation = generation
        self._screening = screening
        self._provider = provider
        self._errands = errands
        self._judging = judging
        self._taste = taste
        self._cache = cache
        self._lookout = lookout
        self._voices = voices
        self._told = told
        self._metrics = metrics

    async def do(self, held: Held, desk: RunDesk) -> State:
        """Raises what the provider raises, `Fenced`, `StoreAway`."""
        match held.step.kind.partition("/")[0]:
            case graph.PUBLISH:
                return await self._publish(held, desk)
            case graph.SCREEN:
                await self._screening.passed(held)
                await self._generation.steps.end(held, Done({}))
            case graph.VIEW:
                await self._screening.viewed(held, _boards(held.inputs), desk)
                await self._generation.steps.end(held, Done({}))
            case graph.REUSE:
                await self._look(held, desk)
            case graph.PROCEED:
                await self._generation.steps.end(held, Done({}, _behind_offers(held)))
            case graph.BREAKDOWN:
                await self._generation.steps.end(held, Done({}, self._broken_down(held)))
            case graph.CHOOSE:
                await self._generation.scribe.asked(held, desk.moment(State.QUEUED), await _choice(held.inputs, desk))
            case graph.KEPT:
                await self._generation.steps.end(held, Done(held.step.params["output"]))
            case graph.AGREE:
                await self._agree(held, desk)
            case graph.LINE if (spoken := await self._voices.kept(held)) is not None:
                await self._generation.steps.end(held, Done(spoken, layer=Layer.COMPONENT))
            case graph.SHOT | graph.LINE | graph.EXPAND if await self._errands.run(held, desk):
                pass
            case graph.JUDGE | graph.MEASURE as kind:
                await self._judge(kind, held, desk)
            case kind:
                if kind != graph.PARTS:
                    await desk.enter()
                request = from_json(SceneRequest, held.step.params["request"])
                await self._generation.steps.end(held, await self._made(kind, request, held, desk))
                log.info("run.stage_done", extra={"stage": held.step.name})
        return State.RUNNING

    async def _look(self, held: Held, desk: RunDesk) -> None:
        offer = await self._lookout.look(held)
        if offer is None or not await self._generation.offers.show(held, desk.moment(State.RUNNING), offer):
            await self._generation.steps.end(held, Done({}))

    async def _publish(self, held: Held, desk: RunDesk) -> State:
        request = from_json(SceneRequest, held.step.params["request"])
        take = from_json(FinishedTake, held.inputs[Stage.FINISH])
        steps = await self._generation.steps.of_run(held.run.id)
        makers = await self._errands.maker.makers(held.run.id, steps)
        found = {name: from_json(Judged, made) for name, made in held.inputs.items() if graph.measures(name)}
        provenance = self._provenance(held.run, steps, request) | {"models": makers, "quality": quality_of(found)}
        provenance["safety"] = await self._screening.shown(held, take, desk)
        used = await self._voices.used(held.run, steps)
        provenance["components"] = [each.told() for each in used]
        tallies = tallies_of(steps, makers, {each.step: each.price for each in used})

        async def also(commit: Connection) -> None:
            await book(commit, held.run, tallies)
            await keep_lines(commit, held.run, steps, tallies)
            await keep(commit, held.run, found)
            if graph.PARTS in held.inputs:
                await keep_parts(commit, held.run, from_json(TakeParts, held.inputs[graph.PARTS]))

        take_id = await self._generation.scribe.finished(held, take, provenance, also)
        with suppress(StoreAway):  # the take stands; the router learns one thing less
            await self._taste.told(held.run.document_id, held.run.scene_id)
        cost = sum(tally.spent + tally.saved for tally in tallies)
        await self._lookout.remember(held.run, held.step.tenant, take_id, cost)
        for tally in tallies:
            if tally.layer is not Layer.NONE:
                self._metrics.reused.labels(tally.stage, tally.layer.value).inc()
                self._metrics.saved.labels(tally.layer.value).inc(tally.saved / MICRO)
        self._told(held.run)
        return State.COMPLETE

    async def distrust(self, held: Held) -> None:
        """Objects that the run's steps name are gone. Raises `StoreAway`."""
        steps = await self._generation.steps.of_run(held.run.id)
        await self._cache.distrust(held.run.project_id, [step.key for step in steps if step.key is not None])

    async def _made(self, kind: str, request: SceneRequest, held: Held, desk: RunDesk) -> Done:
        """What an equal step has made or was prepared for this one, else made now."""
        project_id, key = held.run.project_id, held.step.key
        assert key is not None
        known = await self._cache.known(project_id, key)
        if known is not None:
            if held.step.name == Stage.ENHANCE:
                await desk.enhanced(from_json(Plan, known.output), digest(to_json(request)))
            return Done(known.output, layer=known.layer)
        made = to_json(await self._make(kind, request, held, desk))
        await self._cache.keep(project_id, key, Made(made, 0))
        return Done(made)

    async def _plan(
        self, kind: str, request: SceneRequest, inputs: Mapping[str, Mapping[str, Any]], desk: RunDesk
    ) -> Plan:
        """By rules, unless a model's was agreed upon."""
        if kind != graph.AGREED:
            return await self._provider.enhance(request, desk)
        expanded = from_json(Plan, inputs[graph.EXPAND])
        if inputs[graph.AGREE]["choice"] == BY_MODEL:
            return reseeded(expanded, request)
        declined = expanded.expansion and replace(expanded.expansion, reason=DECLINED)
        return replace(await self._provider.enhance(request, desk), expansion=declined)

    async def _agree(self, held: Held, desk: RunDesk) -> None:
        """Waits for a person where the model's plan is another than the rules'."""
        expansion = from_json(Plan, held.inputs[graph.EXPAND]).expansion
        if expansion is None or not expansion.changes:
            return await self._generation.steps.end(held, Done({"choice": BY_MODEL}))
        theirs = {"id": BY_MODEL, "model": expansion.model, "changes": to_json(expansion)["changes"]}
        question = Park(PLAN_QUESTION, (theirs, {"id": BY_RULES}))
        await self._generation.scribe.asked(held, desk.moment(State.QUEUED), question)

    async def _judge(self, kind: str, held: Held, desk: RunDesk) -> None:
        """Without a word in the document: what was found is told with the take."""
        if kind == graph.JUDGE:
            shot = shot_of(held)
            name = f"{graph.SHOT}.{shot.index + 1}"
            found = await self._judging.shot(shot, from_json(Clip, held.inputs[name]), desk)
            await self._errands.maker.scored(held.run.id, name, found.score)
        else:
            request, plan = from_json(SceneRequest, held.step.params["request"]), held.inputs[Stage.ENHANCE]
            take = from_json(FinishedTake, held.inputs[Stage.FINISH])
            found = await self._judging.take(request, from_json(Plan, plan), take, desk)
        await self._generation.steps.end(held, Done(to_json(found)))

    async def _make(self, kind: str, request: SceneRequest, held: Held, desk: RunDesk) -> object:
        provider, inputs = self._provider, held.inputs
        if kind in (Stage.ENHANCE, graph.AGREED, graph.EXPAND):
            plan = await self._plan(kind, request, inputs, desk)
            if held.step.name == Stage.ENHANCE:
                await desk.enhanced(plan, digest(to_json(request)))
            return plan
        if kind == graph.PARTS:
            return await provider.parts(from_json(FinishedTake, inputs[Stage.FINISH]), desk)
        plan = from_json(Plan, inputs[Stage.ENHANCE])
        match kind:
            case Stage.FRAMES:
                return await provider.frames(request, plan, held.step.params.get("board", 1), desk)
            case graph.REPAINT:
                there = from_json(Panels, held.step.params["panels"])
                return await provider.repaint(request, plan, there, held.step.params.get("board", 1), desk)
            case graph.SHOT:
                shot = shot_of(held)
                return await provider.clip(request, shot.alone, shot.drawn, desk)
            case graph.CONFORM:
                shots = [from_json(Clip, inputs[f"{graph.SHOT}.{number}"]) for number in range(1, len(plan.shots) + 1)]
                return await conform(request, plan, shots, desk)
            case Stage.CLIP:
                return await provider.clip(request, plan, panels_of(inputs), desk)
            case Stage.VOICE:
                return await provider.voice(request, plan, _recorded(inputs), desk)
            case Stage.FINISH:
                clip, sound = from_json(Clip, inputs[Stage.CLIP]), from_json(Sound, inputs[Stage.VOICE])
                return await provider.finish(request, plan, clip, sound, desk)
        raise StepFailed(f"This worker is too old to make a {kind}.")

    def _broken_down(self, held: Held) -> tuple[StepSpec, ...]:
        params, plan = held.step.params, held.inputs[Stage.ENHANCE]
        wish = from_json(Wish, params["wish"])
        if graph.REUSE not in held.names:  # a run of before takes were offered
            wish = replace(wish, offers=Offering.NONE)
        lines = self._errands.lines(from_json(SceneRequest, params["request"]), wish)
        return broken_down(params["request"], run_text(held.run.id), wish, len(plan["shots"]), lines)

    def _provenance(self, run: RunRow, steps: Sequence[StepRow], request: SceneRequest) -> dict[str, Any]:
        """How the take came about, for ever: who asked for what, and which inputs made it."""
        made = {step.name: step for step in steps}
        choice = made[graph.CHOOSE].output if graph.CHOOSE in made else None
        return {
            "asked_by": ids.to_text("usr", run.requested_by),
            "asked_at": run.created_at.isoformat(),
            "replays": None if run.replays is None else run_text(run.replays),
            "parents": _parents(run),
            "prompt": request.prompt,
            "plan": made[Stage.ENHANCE].output,
            "choice": None if choice is None else {"choice": choice["choice"], "by": choice["by"]},
            "provider": self._provider.name,
            "provider_version": self._provider.version,
            "request": digest(to_json(request)),
            "brain": to_json(replace(request.brain, record=None)),
            "steps": {step.name: step.key for step in steps if step.name not in graph.BESIDE},
        }


def _parents(run: RunRow) -> list[dict[str, Any]]:
    """Which takes and frames it goes on from, the nearest first."""
    branch = from_json(Wish, run.wish).branch
    return [] if branch is None else [parent.told() for parent in branch.parents]


def _behind_offers(held: Held) -> tuple[StepSpec, ...]:
    params = held.step.params
    return behind_offers(params["request"], run_text(held.run.id), from_json(Wish, params["wish"]))


def _recorded(inputs: Mapping[str, Mapping[str, Any]]) -> dict[int, str]:
    """Media of the lines that somebody else has spoken, by their place in the dialogue, from 0."""
    return {
        int(name.partition(".")[2]) - 1: output["media"]
        for name, output in inputs.items()
        if name.partition(".")[0] == graph.LINE and output["media"] is not None
    }


async def _choice(inputs: Mapping[str, Mapping[str, Any]], desk: RunDesk) -> Park:
    """Between all boards. `poster`: the picture to look at, of `bytes` bytes; `made`: the output, for the next step."""
    choices = []
    for name, board in _boards(inputs).items():
        file = await desk.fetch(board["poster"], f"{name}.jpg")
        choices.append({"id": name, "poster": board["poster"], "bytes": file.stat().st_size, "made": board})
    return Park(QUESTION, tuple(choices))


def _boards(inputs: Mapping[str, Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Sets of frames by their steps, in the order of their numbers; the only one has none."""
    boards = {name: made for name, made in inputs.items() if stage_of(name) is Stage.FRAMES and name != graph.VIEW}
    return dict(sorted(boards.items(), key=lambda item: int(item[0].partition(".")[2] or 0)))
