"""Routes of a project's characters."""

from starlette.responses import Response

from api.call import Call, reply
from api.operation import Operation
from api.project_schemas import (
    CharacterChange,
    CharacterOut,
    CharactersOut,
    CharactersQuery,
    FaceSearch,
    Likeness,
    LikenessesOut,
    NewCharacter,
)
from services.continuity import model
from storage.tables.characters import CharacterRow
from sync import ids


async def listed(call: Call) -> Response:
    project_id, query = call.id("prj", "project"), call.query(CharactersQuery)
    position = call.position(query.cursor)
    after = None if position is None else ids.from_text("chr", position)
    found = await call.state.characters.of_project(call.actor, project_id, after, query.limit, deleted=query.deleted)
    following = ids.to_text("chr", found[-1].id) if len(found) == query.limit else None
    return call.page(CharactersOut(characters=[_character(row) for row in found], next=call.cursor(following)))


async def add(call: Call) -> Response:
    body, project_id = await call.body(NewCharacter), call.id("prj", "project")
    change = model.CharacterChange(body.name, body.face, body.appearance, body.voice, body.images)

    def made(row: CharacterRow) -> Response:
        character = _character(row)
        answer = reply(character, 201)
        answer.headers["Location"] = f"/v1/projects/{ids.to_text('prj', project_id)}/characters/{character.id}"
        return answer

    return made(await call.state.characters.add(call.actor, project_id, change, call.state.now(), call.keeping(made)))


async def get(call: Call) -> Response:
    project_id, character_id = call.id("prj", "project"), call.id("chr", "character")
    return reply(_character(await call.state.characters.get(call.actor, project_id, character_id)))


async def change(call: Call) -> Response:
    body = await call.body(CharacterChange)
    cleared = frozenset(name for name in ("face", "voice") if name in body.model_fields_set and not getattr(body, name))
    wanted = model.CharacterChange(body.name, body.face, body.appearance, body.voice, body.images, cleared)
    project_id, character_id = call.id("prj", "project"), call.id("chr", "character")
    return reply(_character(await call.state.characters.change(call.actor, project_id, character_id, wanted)))


async def delete(call: Call) -> Response:
    await call.state.characters.delete(call.actor, call.id("prj", "project"), call.id("chr", "character"))
    return Response(status_code=204)


async def restore(call: Call) -> Response:
    project_id, character_id = call.id("prj", "project"), call.id("chr", "character")
    return reply(_character(await call.state.characters.restore(call.actor, project_id, character_id)))


async def search(call: Call) -> Response:
    body = await call.body(FaceSearch)
    found = await call.state.characters.nearest(call.actor, call.id("prj", "project"), body.face, body.limit)
    return reply(
        LikenessesOut(found=[Likeness(character=_character(row), distance=distance) for row, distance in found])
    )


def _character(row: CharacterRow) -> CharacterOut:
    return CharacterOut(
        id=ids.to_text("chr", row.id),
        name=row.name,
        face=row.face is not None,
        appearance=row.appearance,
        voice=row.voice,
        images=list(row.images),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


_ALL = "/v1/projects/{project}/characters"
_ONE = _ALL + "/{character}"

OPERATIONS = (
    Operation(
        "GET",
        _ALL,
        listed,
        "characters",
        "The characters by name",
        query=CharactersQuery,
        answer=CharactersOut,
        refusals=(404,),
    ),
    Operation(
        "POST",
        _ALL,
        add,
        "characters",
        "Add a character",
        body=NewCharacter,
        answer=CharacterOut,
        status=201,
        refusals=(403, 404, 409),
        resumes=True,
    ),
    Operation(
        "POST",
        _ALL + "/search",
        search,
        "characters",
        "Whose face is most like this one",
        body=FaceSearch,
        answer=LikenessesOut,
        refusals=(404,),
        resumes=True,
    ),
    Operation("GET", _ONE, get, "characters", "One character", answer=CharacterOut, refusals=(404,)),
    Operation(
        "PATCH",
        _ONE,
        change,
        "characters",
        "Change a character",
        body=CharacterChange,
        answer=CharacterOut,
        refusals=(403, 404, 409),
    ),
    Operation("DELETE", _ONE, delete, "characters", "Delete a character", status=204, refusals=(403, 404, 409)),
    Operation(
        "POST",
        _ONE + "/restore",
        restore,
        "characters",
        "Bring back a deleted character",
        answer=CharacterOut,
        refusals=(403, 404, 409),
        resumes=True,
    ),
)
