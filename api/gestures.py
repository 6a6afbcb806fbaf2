"""Routes of gestures: a list of them as one edit; the film that a timeline shows, the story of a storyboard.

Shapes and routes; what a gesture does is `sync`, who may is `services/gestures`.
"""

from typing import Annotated, Any

from pydantic import Field
from starlette.responses import Response

from api.call import Call, reply
from api.operation import Operation
from api.schemas import In, Out
from api.storyboard_gestures import StoryboardGesture
from api.timeline_gestures import TimelineGesture
from services.gestures.service import GESTURES_MAX, Gesture
from sync.names import Kind

AnyGesture = Annotated[TimelineGesture | StoryboardGesture, Field(discriminator="gesture")]


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


class StoryOut(Out):
    """`story`: `outline` has acts, sequences and scenes within each other (`in`), scenes with `shots` and `beats`.

    What belongs to none of them follows by kind. `repairs`: as of a film.
    """

    epoch: int
    seq: int
    repairs: int
    story: dict[str, Any]


async def film(call: Call) -> Response:
    seen = await call.state.gestures.shown(call.actor, call.document_id(), Kind.TIMELINE)
    return reply(FilmOut(epoch=seen.epoch, seq=seen.seq, repairs=seen.repairs, film=dict(seen.view)))


async def story(call: Call) -> Response:
    seen = await call.state.gestures.shown(call.actor, call.document_id(), Kind.STORYBOARD)
    return reply(StoryOut(epoch=seen.epoch, seq=seen.seq, repairs=seen.repairs, story=dict(seen.view)))


async def edits(call: Call) -> Response:
    body = await call.body(Edits)
    gestures = [_gesture(each) for each in body.gestures]
    done = await call.state.gestures.edit(
        call.actor, call.document_id(), gestures, body.expected_seq, call.state.now(), call.idempotency_key()
    )
    return reply(EditsOut(seq=done.seq, changed=done.changed, made=list(done.made)))


def _gesture(asked: TimelineGesture | StoryboardGesture) -> Gesture:
    """What is left out or null is not said; only no take at all is a choice."""
    arguments = {key: value for key, value in asked.model_dump().items() if value is not None or key == "take"}
    name = arguments.pop("gesture")
    return Gesture(name, arguments, tuple(arguments.pop("clips", ())))


_DOCUMENT = "/v1/documents/{document}"

OPERATIONS = (
    Operation(
        "GET",
        _DOCUMENT + "/film",
        film,
        "gestures",
        "The film that a timeline shows",
        answer=FilmOut,
        refusals=(404, 409),
    ),
    Operation(
        "GET",
        _DOCUMENT + "/story",
        story,
        "gestures",
        "The story that a storyboard tells",
        answer=StoryOut,
        refusals=(404, 409),
    ),
    Operation(
        "POST",
        _DOCUMENT + "/edits",
        edits,
        "gestures",
        "Gestures on a timeline or a storyboard, as one edit",
        body=Edits,
        answer=EditsOut,
        refusals=(403, 404, 409, 422),
        resumes=True,
    ),
)
