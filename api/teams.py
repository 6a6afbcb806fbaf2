"""Routes of teams and their members."""

from collections.abc import Sequence

from starlette.responses import Response

from api.call import Call, reply
from api.operation import Operation
from api.people_schemas import (
    NewTeam,
    TeamChange,
    TeamMemberChange,
    TeamMemberOut,
    TeamMembersOut,
    TeamOut,
    TeamsOut,
)
from services.teams.model import TEAM_PREFIX
from services.users.model import TeamRole
from storage.tables.teams import TeamMemberRow, TeamRow
from sync import ids


async def listed(call: Call) -> Response:
    return reply(TeamsOut(teams=[_team(row) for row in await call.state.teams.of_actor(call.actor)]))


async def create(call: Call) -> Response:
    body = await call.body(NewTeam)
    return _made(await call.state.teams.create(call.actor, body.name, call.state.now(), call.keeping(_made)))


def _made(row: TeamRow) -> Response:
    team = _team(row)
    answer = reply(team, 201)
    answer.headers["Location"] = f"/v1/teams/{team.id}"
    return answer


async def get(call: Call) -> Response:
    return reply(_team(await call.state.teams.get(call.actor, call.id(TEAM_PREFIX, "team"))))


async def rename(call: Call) -> Response:
    body = await call.body(TeamChange)
    return reply(_team(await call.state.teams.rename(call.actor, call.id(TEAM_PREFIX, "team"), body.name)))


async def delete(call: Call) -> Response:
    await call.state.teams.delete(call.actor, call.id(TEAM_PREFIX, "team"))
    return Response(status_code=204)


async def members(call: Call) -> Response:
    return _members(await call.state.teams.members(call.actor, call.id(TEAM_PREFIX, "team")))


async def change_member(call: Call) -> Response:
    body = await call.body(TeamMemberChange)
    team_id, user_id = call.id(TEAM_PREFIX, "team"), call.id("usr", "user")
    return _members(await call.state.teams.change_member(call.actor, team_id, user_id, body.role))


async def remove_member(call: Call) -> Response:
    await call.state.teams.remove_member(call.actor, call.id(TEAM_PREFIX, "team"), call.id("usr", "user"))
    return Response(status_code=204)


def _team(row: TeamRow) -> TeamOut:
    return TeamOut(
        id=ids.to_text(TEAM_PREFIX, row.id),
        name=row.name,
        role=TeamRole(row.role),
        members=row.members,
        created_at=row.created_at,
    )


def _members(found: Sequence[TeamMemberRow]) -> Response:
    return reply(
        TeamMembersOut(
            members=[
                TeamMemberOut(
                    id=ids.to_text("usr", row.user_id),
                    name=row.name,
                    email=row.email,
                    colour=row.colour,
                    role=TeamRole(row.role),
                    kind=row.kind,
                )
                for row in found
            ]
        )
    )


_ALL = "/v1/teams"
_ONE = "/v1/teams/{team}"
_MEMBERS = _ONE + "/members"
_MEMBER = _MEMBERS + "/{user}"

OPERATIONS = (
    Operation("GET", _ALL, listed, "teams", "Your teams", answer=TeamsOut, refusals=(403,)),
    Operation(
        "POST",
        _ALL,
        create,
        "teams",
        "Make a team",
        body=NewTeam,
        answer=TeamOut,
        status=201,
        refusals=(403, 409),
        resumes=True,
    ),
    Operation("GET", _ONE, get, "teams", "One team", answer=TeamOut, refusals=(403, 404)),
    Operation("PATCH", _ONE, rename, "teams", "Rename a team", body=TeamChange, answer=TeamOut, refusals=(403, 404)),
    Operation("DELETE", _ONE, delete, "teams", "Delete a team", status=204, refusals=(403, 404)),
    Operation("GET", _MEMBERS, members, "teams", "Who is in it", answer=TeamMembersOut, refusals=(403, 404)),
    Operation(
        "PATCH",
        _MEMBER,
        change_member,
        "teams",
        "Give somebody another role",
        body=TeamMemberChange,
        answer=TeamMembersOut,
        refusals=(403, 404, 409),
    ),
    Operation("DELETE", _MEMBER, remove_member, "teams", "Remove somebody", status=204, refusals=(403, 404, 409)),
)
