"""A storyboard as pieces to be fitted: how long each scene is, and which beats people gave it; pure."""

from collections.abc import Iterator, Mapping, Sequence

from services.formats.fitting import Piece, folded, names_of
from services.formats.model import Beat, Format
from services.generation.length import speech_s
from services.scenes.story import OwnBeat, Story, StoryScene

WORDS_PER_PAGE = 200
"""Of action and dialogue, on a page of script."""
SCENE_S_MIN = 3.0
"""A scene of which nothing is known yet."""
OWN_TOLERANCE = 0.03


def pieces_of(stories: Sequence[Story], format: Format, rate: float) -> tuple[list[Piece], list[Beat]]:
    """The scenes of the stories in order, and the beats that people placed beside the format's. `rate`: frames/s."""
    known = names_of(format.beats)
    pieces: list[Piece] = []
    own: dict[str, Beat] = {}
    for story in stories:
        meant: dict[str, str] = {}  # what a beat of the storyboard is to us
        for beat in story.beats.values():
            if (name := known.get(folded(beat.name))) is not None:
                meant[beat.id] = name
            elif beat.at is not None:
                meant[beat.id] = beat.id
                own[beat.id] = _own(beat, beat.at)
        for scene in story.scenes:
            beats = tuple(dict.fromkeys(_said(scene, story, meant, known)))
            length_s, first_s = seconds_of(scene, format, rate), _first_shot_s(scene, rate)
            pieces.append(Piece(scene.id, scene.called, length_s, beats, first_s))
    return pieces, list(own.values())


def _said(scene: StoryScene, story: Story, meant: Mapping[str, str], known: Mapping[str, str]) -> Iterator[str]:
    """The beats that it names, those that stand in it or in its sequence, or the format's own word."""
    if scene.beat in meant:
        yield meant[scene.beat]
    elif scene.beat not in story.beats and folded(scene.beat) in known:
        yield known[folded(scene.beat)]
    for beat in story.beats.values():
        if beat.parent and beat.parent in (scene.id, scene.sequence) and beat.id in meant:
            yield meant[beat.id]


def seconds_of(scene: StoryScene, format: Format, rate: float) -> float:
    """What people say, else what its shots say, else what its words take: a page is `page_s` long."""
    if scene.view.est_f:
        return scene.view.est_f / rate
    shots = [shot.dur_f or 0 for shot in scene.view.shots]
    if shots and all(shots):
        return sum(shots) / rate
    lines = [str(line.get("txt") or "") for line in scene.view.dlg]
    words = len(f"{scene.view.prompt} {' '.join(lines)}".split())
    by_page = words / WORDS_PER_PAGE * format.length.page_s
    return max(SCENE_S_MIN, by_page, sum(shots) / rate, sum(speech_s(line) for line in lines if line))


def _own(beat: OwnBeat, at: int) -> Beat:
    name = beat.name or "Beat"
    return Beat(beat.id, name, beat.purpose, at / 1_000, at / 1_000, OWN_TOLERANCE, required=False)


def _first_shot_s(scene: StoryScene, rate: float) -> float | None:
    frames = scene.view.shots[0].dur_f if scene.view.shots else None
    return None if not frames else frames / rate
