"""Which steps are made elsewhere, and what each of them is asked for: the plan, the shots and the lines of finals.

Not how something is made elsewhere: `services/generation/shots`.
"""

from collections.abc import Sequence

from jobs.desk import RunDesk
from services.generation import graph
from services.generation.casting import cast
from services.generation.graph import Stage, Wish
from services.generation.providers.capabilities import Kind
from services.generation.providers.interface import Plan, Provider
from services.generation.request import SceneRequest, from_json
from services.generation.routing.model import Purpose
from services.generation.shots.errand import Errand
from services.generation.shots.expanded import ExpandedPlan
from services.generation.shots.film import Film, Shot, panels_of
from services.generation.shots.inspection import Inspection
from services.generation.shots.maker import ShotMaker
from services.generation.shots.spoken import VOICE_SEED, SpokenLine
from services.runs.model import StepSpec
from services.runs.service import Held


class Errands:
    """`local`: draws what films begin with; `inspection`: looks at them; `voices`: ids of those that speak."""

    def __init__(self, maker: ShotMaker, local: Provider, inspection: Inspection, voices: Sequence[str]) -> None:
        self.maker = maker
        self._local = local
        self._inspection = inspection
        self._voices = voices

    async def run(self, held: Held, desk: RunDesk) -> bool:
        """Has the step made, or puts it off. False: it is one that is made here.

        Raises `StepEnded`, `Fenced`, `StoreAway`.
        """
        errand = self._of(held)
        if errand is None:
            return False
        if self.maker.has_anybody(errand.kind):
            await desk.enter()
            await self.maker.make(held, errand, desk)
            return True
        if not isinstance(errand, SpokenLine):
            return False
        instead = errand.instead("route.no_account", "There is no account with a voice any more.")
        assert instead is not None
        await self.maker.end_with(held, instead)
        return True

    def lines(self, request: SceneRequest, wish: Wish) -> tuple[StepSpec, ...]:
        """A step each; none where our own voice speaks: in drafts, and without an account for voices."""
        if wish.purpose is not Purpose.FINAL or not self.maker.has_anybody(Kind.VOICE):
            return ()
        voices, models = cast(request.lines, self._voices, wish.voices), self.maker.named(wish, Kind.VOICE)
        return tuple(
            graph.spoken(line.text, number, voice, VOICE_SEED, models)
            for number, (line, voice) in enumerate(zip(request.lines, voices, strict=True), 1)
        )

    def _of(self, held: Held) -> Errand | None:
        params = held.step.params
        match held.step.kind.partition("/")[0]:
            case graph.SHOT:
                return Film(shot_of(held), self._local, self._inspection)
            case graph.EXPAND:
                return ExpandedPlan(from_json(SceneRequest, params["request"]))
            case graph.LINE:
                return SpokenLine(params["text"], params["voice"], params["seed"])
        return None


def shot_of(held: Held) -> Shot:
    """The one that the step is of."""
    request = from_json(SceneRequest, held.step.params["request"])
    plan = from_json(Plan, held.inputs[Stage.ENHANCE])
    return Shot(request, plan, panels_of(held.inputs), held.step.params["shot"] - 1)
