"""Routes of gestures: a list of them as one edit, and the film that a timeline shows.

Shapes and routes; what a gesture does is `sync.timeline`, who may is `services/gestures`.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints
from starlette.responses import Response

from api.call import Call, reply
from api.operation import Operation
from api.schemas import In, Out, SceneText
from services.gestures.service import GESTURES_MAX, Gesture
from sync.names import Kind
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


AnyGesture = Annotated[
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
    | AddMarker,
    Field(discriminator="gesture"),
]


class Edits(In):
    """All of them or none, one after another. `expected_seq`: where the caller saw the document."""

    gestures: Annotated[list[AnyGesture], Field(min_length=1, max_length=GESTURES_MAX)]
    expected_seq: Annotated[int, Field(ge=0)] | None = None


class EditsOut(Out):
    """`seq`: the document at this sequence holds them. `made`: the id that each gesture gave, where it gives one.

    `changed` is false where nothing was to be written, and for an Idempotency-Key that has done it before.
    """

    seq: int
    changed: bool
    made: list[str | None]


class FilmOut(Out):
    """`film`: tracks in order with their clips as they are seen, markers, and its length in frames.

    `repairs`: registers that the server is about to write; the film is the same with them.
    """

    epoch: int
    seq: int
    repairs: int
    film: dict[str, Any]


async def film(call: Call) -> Response:
    seen = await call.state.gestures.shown(call.actor, call.document_id(), Kind.TIMELINE)
    return reply(FilmOut(epoch=seen.epoch, seq=seen.seq, repairs=seen.repairs, film=dict(seen.view)))


async def edits(call: Call) -> Response:
    body = await call.body(Edits)
    gestures = [_gesture(each) for each in body.gestures]
    done = await call.state.gestures.edit(
        call.actor, call.document_id(), gestures, body.expected_seq, call.state.now(), call.idempotency_key()
    )
    return reply(EditsOut(seq=done.seq, changed=done.changed, made=list(done.made)))


def _gesture(asked: AnyGesture) -> Gesture:
    arguments = asked.model_dump(exclude_none=True)
    name = arguments.pop("gesture")
    return Gesture(name, arguments, tuple(arguments.pop("clips", ())))


_DOCUMENT = "/v1/documents/{document}"

OPERATIONS = (
    Operation(
        "GET",
        _DOCUMENT + "/film",
        film,
        "timelines",
        "The film that a timeline shows",
        answer=FilmOut,
        refusals=(404, 409),
    ),
    Operation(
        "POST",
        _DOCUMENT + "/edits",
        edits,
        "timelines",
        "Gestures on a timeline, as one edit",
        body=Edits,
        answer=EditsOut,
        refusals=(403, 404, 409, 422),
        resumes=True,
    ),
)
