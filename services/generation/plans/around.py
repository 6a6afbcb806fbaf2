"""A scene among the others of its story, and the request that follows from it; pure.

Whoever asks for a plan and whoever asks for a take come by the same way, so that what was shown is what is made.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.continuity.people import Known
from services.continuity.sheet import Continuity, Sheet, continuity_of, sheet_of
from services.formats.fitting import SceneFit, fit
from services.formats.model import Format
from services.formats.pieces import pieces_of
from services.generation.plans.coverage import settled
from services.generation.plans.difference import pinned
from services.generation.plans.model import Direction, Surroundings
from services.generation.plans.rules import Said
from services.generation.providers.animatic import NAME, VERSION
from services.generation.providers.animatic.enhance import cast_of
from services.generation.providers.animatic.subject import read as subject_of
from services.generation.request import Picture, SceneRequest
from services.generation.snapshot import Find, request_of
from services.scenes.story import Story, StoryScene, StoryShot
from sync.storyboard.read import SceneView, ShotView


@dataclass(frozen=True, slots=True)
class Setting:
    """A scene in its story. `told`: what is known of the whole; `placed`: where the scene is in the format."""

    scene: StoryScene
    told: Continuity
    placed: SceneFit
    format: Format
    picture: Picture

    @property
    def sheet(self) -> Sheet:
        return sheet_of(self.told, self.scene)

    def at(self, view: SceneView) -> "Setting":
        """With the scene's own words as they are by now."""
        known = {shot.view.id: shot for shot in self.scene.shots}
        shots = tuple(
            replace(known[each.id], view=each) if each.id in known else StoryShot(each, "", "", None, "")
            for each in view.shots
        )
        return replace(self, scene=replace(self.scene, view=view, shots=shots))

    def request(self, default_brain: str, find: Find) -> SceneRequest:
        """Of the shots only what no machine may rewrite: the rest is planned anew."""
        said = request_of(_theirs(self.scene), default_brain, self.picture, NAME, VERSION, find)
        return replace(said, around=surroundings(self.scene, said, self.told, self.placed, self.format))


def setting_of(
    story: Story, scene: StoryScene, characters: Sequence[Known], format: Format, picture: Picture
) -> Setting:
    """Reads the whole story: milliseconds for each hundred scenes."""
    return Setting(scene, continuity_of(story, characters), _placed(story, scene, format, picture), format, picture)


def surroundings(
    scene: StoryScene, request: SceneRequest, told: Continuity, placed: SceneFit, format: Format
) -> Surroundings:
    """Who and what the sheet has; where it has nobody, whom the words imply, as the provider would draw them."""
    sheet, subject = sheet_of(told, scene), subject_of(request.slug, request.prompt)
    people = tuple(each.person.name for each in sheet.people if each.person.on_screen)
    beats = {beat.id: beat for beat in format.beats}
    around = Surroundings(
        people=people or cast_of(request, subject),
        props=tuple(thing.name for thing, _ in sheet.props),
        beat=next((beats[beat] for beat in placed.beats if beat in beats), None),
        place=(placed.start + placed.end) / 2,
        quick=format.rules.hook_s is not None and placed.start == 0,
        directions=_directions(scene),
        speakers=dict(_speaker(line.character, told) for line in request.lines),
    )
    return settled(request, around)


def _speaker(called: str, told: Continuity) -> tuple[str, str]:
    """As at the line, and as on the sheet; empty for a voice."""
    character, name, is_seen = told.names.of_speaker(called)
    known = told.names.characters.get(character)
    return called.strip().casefold(), (name if known is None else known.name) if is_seen else ""


def _directions(scene: StoryScene) -> dict[str, Direction]:
    kept = pinned(scene)
    return {
        shot.view.id: Direction(shot.direction)
        for shot in scene.shots
        if shot.direction and (shot.view.id, "direction") in kept
    }


def _placed(story: Story, scene: StoryScene, format: Format, picture: Picture) -> SceneFit:
    pieces, own = pieces_of([story], format, picture.rate[0] / picture.rate[1])
    return next(each for each in fit(pieces, format, own=own).scenes if each.piece.scene == scene.id)


def _theirs(scene: StoryScene) -> SceneView:
    """The scene with only those fields of its shots that no machine may rewrite: the others are planned anew."""
    kept = pinned(scene)
    return replace(scene.view, shots=tuple(_shot(shot, kept) for shot in scene.shots))


def _shot(shot: StoryShot, kept: Said) -> ShotView:
    view = shot.view

    def is_kept(field: str) -> bool:
        return (view.id, field) in kept

    return replace(
        view,
        size=view.size if is_kept("size") else None,
        angle=view.angle if is_kept("angle") else None,
        move=view.move if is_kept("move") else None,
        lens_mm=view.lens_mm if is_kept("lens_mm") else None,
        dur_f=view.dur_f if is_kept("frames") else None,
        desc=view.desc if is_kept("description") else "",
    )
