"""10,000 requests of a working studio, seeded: what artists press, and what is asked of the models then.

docs/semantic-cache.md says why each share is what it is. Nothing here knows how a cache decides, and nothing was
turned after one was there.
"""

import heapq
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from tests.bench.cache.story import LINES, PEOPLE, PLACES, TIMES, WEATHERS, Shot, shot, texts, turned

REQUESTS = 10_000
SEED = 6
PROJECTS = 4
ARTISTS_OF_A_PROJECT = 3
CAST_OF_A_PROJECT = 5
PLACES_OF_A_PROJECT = 6
SHOTS_OF_A_SCENE = (3, 4, 5)
LINES_OF_A_SCENE = (1, 2, 3)
BETWEEN_PRESSES_S = 900.0
"""On average; models take minutes, an artist looks at what came, talks, and changes something."""
CONTENT = 0.2
"""Chance that an artist goes on to the next scene after an attempt: five attempts at a scene on average."""
BROKEN = 0.05
"""Chance that a run ends in the middle (a provider, a worker, a cancel) and is pressed again."""
PRESSED_TWICE = 0.03
"""Chance that somebody else presses the same within seconds."""
COPIED = 0.15
"""Chance that a scene begins as a copy of an earlier one of the project, each shot with one fact turned."""
WRITTEN_AHEAD = 0.7
"""Chance that the next scene's text is there when work on this one begins."""
WRITTEN_ANEW = 0.25
"""Chance that a text that was written ahead is changed before it is first generated."""
DAY_S = 8 * 3600.0
EXPORTED_SCENES = 8
"""At the end of a day the cut is rendered: the newest scenes of the project, as they stand."""


class Why(StrEnum):
    """What somebody wanted."""

    FIRST = "first generation of a scene"
    TURN = "one fact of one shot is turned"
    REWORD = "one shot is said in other words"
    ANOTHER = "another take of one shot"
    BACK = "one shot goes back to how it was"
    LINE = "a line of dialogue is changed"
    TRIM = "order or length in the cut: nothing that a model sees"
    RESUME = "a run that broke is pressed again"
    COLLEAGUE = "somebody else presses the same"
    EXPORT = "the cut of the day is rendered"


ATTEMPTS = {Why.TURN: 36, Why.ANOTHER: 20, Why.TRIM: 14, Why.LINE: 11, Why.REWORD: 10, Why.BACK: 9}
"""Of 100 attempts after the first."""


class Stage(StrEnum):
    """What a model makes."""

    PLAN = "plan"
    FRAME = "frame"
    CLIP = "clip"
    VOICE = "voice"
    CHARACTER = "character"
    BACKGROUND = "background"
    FINISH = "finish"


CREDIT = 1_000_000
"""Micro-credits; a credit is a US cent of list price."""
PRICES = {
    Stage.PLAN: 1 * CREDIT,
    Stage.FRAME: 5 * CREDIT,
    Stage.CLIP: 25 * CREDIT,  # a second
    Stage.VOICE: 2 * CREDIT,
    Stage.CHARACTER: 12 * CREDIT,
    Stage.BACKGROUND: 8 * CREDIT,
    Stage.FINISH: CREDIT // 2,
}


@dataclass(frozen=True, slots=True)
class Ask:
    """One request. `meaning`: equal for equal wishes, whatever their words. `needs`: which asks' outputs it reads.

    `take`: the variation that is wanted. `fixed`: what else determines the output. Asks are known by their position.
    """

    at_s: float
    project: int
    why: Why
    stage: Stage
    prompt: str
    meaning: tuple[object, ...]
    take: int
    fixed: tuple[tuple[str, str], ...]
    needs: tuple[int, ...]
    price: int


@dataclass(frozen=True, slots=True)
class Ahead:
    """At that moment the next scene of somebody was written like this; its asks, `needs` counted from its own first."""

    at_s: float
    project: int
    asks: tuple[Ask, ...]


@dataclass(frozen=True, slots=True)
class Workload:
    asks: tuple[Ask, ...]
    ahead: tuple[Ahead, ...]


@dataclass(slots=True)
class _Cut:
    """A shot as it stands in the document: its facts, which way of writing it, which take, and how it was before."""

    shot: Shot
    way: int = 0
    take: int = 0
    past: list[tuple[Shot, int, int]] = field(default_factory=list)

    def change(self, shot: Shot, way: int, take: int) -> None:
        self.past.append((self.shot, self.way, self.take))
        self.shot, self.way, self.take = shot, way, take


@dataclass(slots=True)
class _Scene:
    cast: tuple[str, ...]
    cuts: list[_Cut]
    lines: list[tuple[str, str]]


@dataclass(slots=True)
class _Project:
    number: int
    cast: tuple[str, ...]
    places: tuple[str, ...]
    scenes: list[_Scene] = field(default_factory=list)


@dataclass(slots=True)
class _Artist:
    project: _Project
    scene: _Scene | None = None
    next_scene: _Scene | None = None


def workload(
    requests: int = REQUESTS,
    seed: int = SEED,
    attempts: dict[Why, int] = ATTEMPTS,
    twice: float = PRESSED_TWICE,
    *,
    whole: bool = True,
) -> Workload:
    """The same for the same arguments. Not `whole`: an attempt asks only for the shot or the line that it changed."""
    return _Studio(random.Random(seed), attempts, twice, whole).play(requests)


class _Studio:
    def __init__(self, rng: random.Random, attempts: dict[Why, int], twice: float, whole: bool) -> None:
        self._rng = rng
        self._twice = twice
        self._whole = whole
        self._attempts = attempts
        self._projects = [
            _Project(n, tuple(rng.sample(PEOPLE, CAST_OF_A_PROJECT)), tuple(rng.sample(PLACES, PLACES_OF_A_PROJECT)))
            for n in range(PROJECTS)
        ]
        self._asks: list[Ask] = []
        self._ahead: list[Ahead] = []

    def play(self, requests: int) -> Workload:
        rng = self._rng
        artists = [_Artist(project) for project in self._projects for _ in range(ARTISTS_OF_A_PROJECT)]
        turns = [(rng.uniform(0, BETWEEN_PRESSES_S), number) for number in range(len(artists))]
        heapq.heapify(turns)
        day_s = DAY_S
        while len(self._asks) < requests:
            at_s, number = heapq.heappop(turns)
            if at_s > day_s:
                for project in self._projects:
                    for scene in project.scenes[-EXPORTED_SCENES:]:
                        self._press(day_s, project, Why.EXPORT, scene)
                day_s += DAY_S
            self._work(at_s, artists[number])
            heapq.heappush(turns, (at_s + rng.expovariate(1 / BETWEEN_PRESSES_S), number))
        return Workload(tuple(self._asks[:requests]), tuple(self._ahead))

    def _work(self, at_s: float, artist: _Artist) -> None:
        rng, project = self._rng, artist.project
        if artist.scene is None or rng.random() < CONTENT:
            artist.scene = artist.next_scene or self._written(project)
            if artist.next_scene and rng.random() < WRITTEN_ANEW:
                cut = rng.choice(artist.scene.cuts)
                cut.change(turned(rng, cut.shot, artist.scene.cast), cut.way, cut.take)
            project.scenes.append(artist.scene)
            self._press(at_s, project, Why.FIRST, artist.scene)
            artist.next_scene = self._written(project) if rng.random() < WRITTEN_AHEAD else None
            if artist.next_scene:
                asks = tuple(self._asked(at_s, project, Why.FIRST, artist.next_scene, 0))
                self._ahead.append(Ahead(at_s, project.number, asks))
        else:
            self._attempt(at_s, project, artist.scene)

    def _attempt(self, at_s: float, project: _Project, scene: _Scene) -> None:
        rng = self._rng
        why = rng.choices(list(self._attempts), list(self._attempts.values()))[0]
        cut = rng.choice(scene.cuts)
        if why is Why.TURN:
            cut.change(turned(rng, cut.shot, scene.cast), cut.way, 0)
        elif why is Why.REWORD:
            ways = len(texts(cut.shot))
            cut.change(cut.shot, (cut.way + rng.randrange(1, ways)) % ways, cut.take)
        elif why is Why.ANOTHER:
            cut.change(cut.shot, cut.way, cut.take + 1)
        elif why is Why.BACK and cut.past:
            cut.change(*rng.choice(cut.past))
        elif why is Why.LINE:
            scene.lines[rng.randrange(len(scene.lines))] = (rng.choice(scene.cast), rng.choice(LINES))
        asked = scene if self._whole else _Scene(scene.cast, [cut], scene.lines if why is Why.LINE else [])
        self._press(at_s, project, why, asked)

    def _press(self, at_s: float, project: _Project, why: Why, scene: _Scene) -> None:
        """The whole scene is asked for, as the button does; what has not changed is for the cache to know."""
        rng = self._rng
        asks = list(self._asked(at_s, project, why, scene, len(self._asks)))
        if rng.random() < BROKEN:
            self._asks += asks[: rng.randrange(1, len(asks))]
            asks = list(self._asked(at_s + 30, project, Why.RESUME, scene, len(self._asks)))
        self._asks += asks
        if rng.random() < self._twice:
            self._asks += self._asked(at_s + 5, project, Why.COLLEAGUE, scene, len(self._asks))

    def _asked(self, at_s: float, project: _Project, why: Why, scene: _Scene, first: int) -> Iterator[Ask]:
        """`first`: the position of its first ask."""
        asks: list[Ask] = []

        def ask(stage: Stage, prompt: str, meaning: Sequence[object], needs: Sequence[int] = (), take: int = 0,
                seconds: int = 1) -> int:  # fmt: skip
            fixed = (("model", f"{stage}-model/1"), ("brain", "thriller/1"), ("seconds", str(seconds)))
            price = PRICES[stage] * seconds
            where = tuple(needs)
            asks.append(Ask(at_s, project.number, why, stage, prompt, (stage, *meaning), take, fixed, where, price))
            return first + len(asks) - 1

        people = {name: ask(Stage.CHARACTER, f"Reference sheet of {name}", (name,)) for name in scene.cast}
        place = scene.cuts[0].shot.place
        plate = ask(Stage.BACKGROUND, f"Empty plate of the {place}", (place,))
        clips = []
        for cut in scene.cuts:
            prompt, meaning = texts(cut.shot)[cut.way], (cut.shot,)
            ask(Stage.PLAN, prompt, meaning)
            shown = [place for name, place in people.items() if name in prompt]
            frame = ask(Stage.FRAME, prompt, meaning, [*shown, plate], cut.take)
            clips.append(ask(Stage.CLIP, prompt, meaning, [frame], cut.take, cut.shot.seconds))
        voices = [ask(Stage.VOICE, f"{who}: {words}", (who, words)) for who, words in scene.lines]
        ask(Stage.FINISH, "", (), [*clips, *voices])
        yield from asks

    def _written(self, project: _Project) -> _Scene:
        rng = self._rng
        if project.scenes and rng.random() < COPIED:
            old = rng.choice(project.scenes)
            cuts = [_Cut(turned(rng, cut.shot, old.cast), cut.way) for cut in old.cuts]
            return _Scene(old.cast, cuts, list(old.lines))
        cast = tuple(rng.sample(project.cast, rng.choice((2, 3))))
        place, time, weather = rng.choice(project.places), rng.choice(TIMES), rng.choice(WEATHERS)
        cuts = [_Cut(shot(rng, cast, place, time, weather)) for _ in range(rng.choice(SHOTS_OF_A_SCENE))]
        lines = [(rng.choice(cast), rng.choice(LINES)) for _ in range(rng.choice(LINES_OF_A_SCENE))]
        return _Scene(cast, cuts, lines)
