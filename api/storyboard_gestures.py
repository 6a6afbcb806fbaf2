"""The gestures of a storyboard as JSON. What each does is said in `sync.storyboard.gestures` and `scenes`."""

from typing import Annotated, Literal

from pydantic import Field, JsonValue, StringConstraints

from api.schemas import In
from api.timeline_gestures import Id

REGISTERS_MAX = 32
"""Of one gesture; no entity has as many."""

ParentId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{0,64}$")]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,16}$")]
Registers = Annotated[dict[Key, JsonValue], Field(max_length=REGISTERS_MAX)]
"""By their keys in the schema (client-protocol/schema/storyboard.schema.json); null empties one."""


class AddListed(In):
    """`before`: in front of that one, else at the end. `id`: of the new one; later gestures may name it."""

    gesture: Literal["add_act", "add_environment", "add_prop", "add_look"]
    registers: Registers = Field(default_factory=dict)
    before: Id | None = None
    id: Id | None = None


class AddWithin(In):
    """`before`: in front of that one, else at the end of `parent`; empty: of the storyboard itself."""

    gesture: Literal["add_sequence", "add_scene", "add_shot", "add_beat"]
    registers: Registers = Field(default_factory=dict)
    parent: ParentId = ""
    before: Id | None = None
    id: Id | None = None


class Edit(In):
    """What is left out stays as it is; of a text only what differs is written."""

    gesture: Literal[
        "edit_act",
        "edit_sequence",
        "edit_scene",
        "edit_shot",
        "edit_beat",
        "edit_environment",
        "edit_prop",
        "edit_look",
    ]
    id: Id
    registers: Annotated[Registers, Field(min_length=1)]


class MoveListed(In):
    gesture: Literal["move_act", "move_environment", "move_prop", "move_look"]
    id: Id
    before: Id | None = None


class MoveWithin(In):
    gesture: Literal["move_sequence", "move_scene", "move_shot", "move_beat"]
    id: Id
    parent: ParentId = ""
    before: Id | None = None


class OfEntity(In):
    gesture: Literal[
        "delete_act",
        "delete_sequence",
        "delete_scene",
        "delete_shot",
        "delete_beat",
        "delete_environment",
        "delete_prop",
        "delete_look",
        "restore_act",
        "restore_sequence",
        "restore_scene",
        "restore_shot",
        "restore_beat",
        "restore_environment",
        "restore_prop",
        "restore_look",
    ]
    id: Id


class DuplicateScene(In):
    """`new`: the copy's id."""

    gesture: Literal["duplicate_scene"]
    id: Id
    new: Id | None = None


class SplitScene(In):
    """From `shot` on it is a scene of its own."""

    gesture: Literal["split_scene"]
    id: Id
    shot: Id


class MergeScenes(In):
    """`other` becomes part of `id`."""

    gesture: Literal["merge_scenes"]
    id: Id
    other: Id


class ChooseTake(In):
    """`take`: null for the newest."""

    gesture: Literal["choose_take"]
    id: Id
    take: Id | None


class PinTake(In):
    gesture: Literal["pin_take", "unpin_take"]
    id: Id
    take: Id


StoryboardGesture = (
    AddListed
    | AddWithin
    | Edit
    | MoveListed
    | MoveWithin
    | OfEntity
    | DuplicateScene
    | SplitScene
    | MergeScenes
    | ChooseTake
    | PinTake
)
