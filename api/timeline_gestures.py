"""The gestures of a timeline as JSON. What each does is said in `sync.timeline.gestures`."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from api.schemas import In, SceneText
from sync.timeline.content import FRAMES_MAX, RATIO_MAX

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
Frame = Annotated[int, Field(ge=0, le=FRAMES_MAX)]
Frames = Annotated[int, Field(ge=1, le=FRAMES_MAX)]
By = Annotated[int, Field(ge=-FRAMES_MAX, le=FRAMES_MAX)]
Part = Annotated[int, Field(ge=1, le=RATIO_MAX)]
Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class SceneSource(In):
    """A take of the clip's scene: the newest, the approved one, or a pinned one."""

    k: Literal["scene"]
    take: Annotated[str, StringConstraints(pattern=r"^(latest|approved|pin:tak_[0-9a-z]{26})$")]


class AssetSource(In):
    """Media of the project by its hash."""

    k: Literal["asset"]
    id: Hash


class GapSource(In):
    """Nothing is seen."""

    k: Literal["gap"]


Source = Annotated[SceneSource | AssetSource | GapSource, Field(discriminator="k")]


class _New(In):
    """`at`: on the main track the index among its clips, elsewhere the frame. `frames`: how long it is seen."""

    track: Id
    frames: Frames
    scn: SceneText | None = None
    src: Source | None = None


class Insert(_New):
    gesture: Literal["insert"]
    at: Frame


class Overwrite(_New):
    gesture: Literal["overwrite"]
    frame: Frame


class OfClip(In):
    gesture: Literal["ripple_delete", "lift", "restore", "unanchor", "unlink", "join"]
    clip: Id


class AtFrame(In):
    gesture: Literal["move", "split"]
    clip: Id
    frame: Frame


class Reorder(In):
    gesture: Literal["reorder"]
    clip: Id
    index: Frame


class ChangeTrack(In):
    gesture: Literal["change_track"]
    clip: Id
    track: Id


class AnchorTo(In):
    gesture: Literal["anchor"]
    clip: Id
    to: Id


class ByFrames(In):
    """Positive: later; of a trim, local frames."""

    gesture: Literal["trim_head", "trim_tail", "slip", "slide", "roll"]
    clip: Id
    frames: By


class Retime(In):
    gesture: Literal["retime"]
    clip: Id
    numerator: Part
    denominator: Part


class Link(In):
    gesture: Literal["link"]
    clips: Annotated[list[Id], Field(min_length=2, max_length=16)]


class AddTrack(In):
    gesture: Literal["add_track"]
    kind: Literal["video", "audio", "title", "guide"]
    name: Annotated[str, StringConstraints(min_length=1, max_length=80)]


class RemoveTrack(In):
    gesture: Literal["remove_track"]
    track: Id


class AddMarker(In):
    """`clip`: with which it moves; else it stays on the timeline."""

    gesture: Literal["marker"]
    frame: Frame
    name: Annotated[str, StringConstraints(max_length=120)]
    clip: Id | None = None


TimelineGesture = (
    Insert
    | Overwrite
    | OfClip
    | AtFrame
    | Reorder
    | ChangeTrack
    | AnchorTo
    | ByFrames
    | Retime
    | Link
    | AddTrack
    | RemoveTrack
    | AddMarker
)
