"""Routes of brains: the looks of every studio and those that teams make, their versions, mixtures and likenesses."""

from starlette.responses import Response

from api.brain_schemas import (
    Blend,
    BlockOut,
    BrainBrief,
    BrainIn,
    BrainOut,
    BrainQuery,
    BrainsOut,
    BrainVersionOut,
    BrainVersionsOut,
    SimilarOut,
    SimilarQuery,
    SimilarsOut,
    VersionsQuery,
)
from api.call import Call, reply
from api.operation import Operation
from services.brains.model import Brain
from services.brains.service import Known
from services.brains.stored import from_json, to_json
from services.brains.vector import BLOCKS, likeness, vector_of
from services.brains.words import compared, described
from services.teams.model import TEAM_PREFIX
from sync import ids


async def listed(call: Call) -> Response:
    return reply(BrainsOut(brains=[_brief(known) for known in await call.state.brains.listed(call.actor)]))


async def of_team(call: Call) -> Response:
    found = await call.state.brains.of_team(call.actor, call.id(TEAM_PREFIX, "team"))
    return reply(BrainsOut(brains=[_brief(known) for known in found]))


async def create(call: Call) -> Response:
    brain, team_id = await _record(call), call.id(TEAM_PREFIX, "team")

    def made(known: Known) -> Response:
        answer = reply(_brain(known), 201)
        answer.headers["Location"] = f"/v1/brains/{known.brain.id}"
        return answer

    return made(await call.state.brains.create(call.actor, team_id, brain, call.state.now(), call.keeping(made)))


async def get(call: Call) -> Response:
    asked = call.query(BrainQuery)
    return reply(_brain(await call.state.brains.get(call.actor, call.text("brain"), asked.version)))


async def change(call: Call) -> Response:
    return reply(_brain(await call.state.brains.change(call.actor, call.text("brain"), await _record(call))))


async def delete(call: Call) -> Response:
    await call.state.brains.delete(call.actor, call.text("brain"))
    return Response(status_code=204)


async def versions(call: Call) -> Response:
    asked = call.query(VersionsQuery)
    position = call.position(asked.cursor)
    below = None if position is None else int(position)
    found = await call.state.brains.versions(call.actor, call.text("brain"), below, asked.limit)
    following = str(found[-1][0].brain.version) if len(found) == asked.limit else None
    told = [
        BrainVersionOut(**_brief(known).model_dump(), by=ids.to_text("usr", row.created_by), at=row.created_at)
        for known, row in found
    ]
    return call.page(BrainVersionsOut(versions=told, next=call.cursor(following)))


async def similar(call: Call) -> Response:
    name, asked = call.text("brain"), call.query(SimilarQuery)
    one = (await call.state.brains.get(call.actor, name)).brain
    found = await call.state.brains.similar(call.actor, name, asked.limit)
    return reply(
        SimilarsOut(
            similar=[
                SimilarOut(
                    brain=_brief(known),
                    similarity=rate,
                    blocks=dict(likeness(vector_of(one), vector_of(known.brain))),
                    compared=compared(one, known.brain),
                )
                for known, rate in found
            ]
        )
    )


async def blend(call: Call) -> Response:
    body = await call.body(Blend)
    parts = [(part.brain, part.version, part.weight) for part in body.parts]
    return reply(_brain(Known(await call.state.brains.blend(call.actor, parts))))


async def _record(call: Call) -> Brain:
    """What is sent, under no id yet."""
    body = await call.body(BrainIn)
    return from_json({"id": "", "version": 1, **body.model_dump(mode="json")})


def _brief(known: Known) -> BrainBrief:
    brain = known.brain
    team = None if known.team_id is None else ids.to_text(TEAM_PREFIX, known.team_id)
    return BrainBrief(id=brain.id, version=brain.version, name=brain.name, team=team, palette=list(brain.palette))


def _brain(known: Known) -> BrainOut:
    vector, record = vector_of(known.brain), to_json(known.brain)
    del record["id"], record["version"]
    return BrainOut(
        **_brief(known).model_dump(),
        record=record,
        vector=list(vector),
        blocks=[
            BlockOut(name=block.name, start=block.start, values=list(vector[block.span]), names=list(block.names))
            for block in BLOCKS.values()
        ],
        explained=described(known.brain),
    )


_ALL = "/v1/brains"
_ONE = _ALL + "/{brain}"
_OF_TEAM = "/v1/teams/{team}/brains"

OPERATIONS = (
    Operation("GET", _ALL, listed, "brains", "Every look that you may use", answer=BrainsOut),
    Operation("GET", _OF_TEAM, of_team, "brains", "The looks of a team", answer=BrainsOut, refusals=(403, 404)),
    Operation(
        "POST",
        _OF_TEAM,
        create,
        "brains",
        "Make a look",
        body=BrainIn,
        answer=BrainOut,
        status=201,
        refusals=(403, 404, 409),
        resumes=True,
    ),
    Operation(
        "POST",
        _ALL + "/blends",
        blend,
        "brains",
        "Mix looks by weight; nothing is stored",
        body=Blend,
        answer=BrainOut,
        refusals=(404,),
        resumes=True,
    ),
    Operation("GET", _ONE, get, "brains", "One look", query=BrainQuery, answer=BrainOut, refusals=(403, 404)),
    Operation(
        "PUT",
        _ONE,
        change,
        "brains",
        "Say anew what a look is: its next version",
        body=BrainIn,
        answer=BrainOut,
        refusals=(403, 404, 409),
    ),
    Operation("DELETE", _ONE, delete, "brains", "Delete a look; scenes keep it", status=204, refusals=(403, 404)),
    Operation(
        "GET",
        _ONE + "/versions",
        versions,
        "brains",
        "The versions of a look",
        query=VersionsQuery,
        answer=BrainVersionsOut,
        refusals=(403, 404),
    ),
    Operation(
        "GET",
        _ONE + "/similar",
        similar,
        "brains",
        "The looks most like this one, and why",
        query=SimilarQuery,
        answer=SimilarsOut,
        refusals=(403, 404),
    ),
)
