"""Routes of who belongs to a project: its members, the teams that have a role in it, and its owner."""

from collections.abc import Sequence

from starlette.responses import Response

from api.call import Call, reply
from api.operation import Operation
from api.people_schemas import (
    MemberChange,
    MemberOut,
    MembersOut,
    NewMember,
    ProjectTeamOut,
    ProjectTeamsOut,
    Transfer,
)
from services.projects.model import Member
from services.teams.model import TEAM_PREFIX
from services.users.model import Role
from storage.tables.teams import ProjectTeamRow
from sync import ids


async def members(call: Call) -> Response:
    return _members(await call.state.members.of_project(call.actor, call.id("prj", "project")))


async def add_member(call: Call) -> Response:
    body = await call.body(NewMember)
    return _members(await call.state.members.add(call.actor, call.id("prj", "project"), body.email, body.role))


async def change_member(call: Call) -> Response:
    body = await call.body(MemberChange)
    project_id, user_id = call.id("prj", "project"), call.id("usr", "user")
    return _members(await call.state.members.change(call.actor, project_id, user_id, body.role))


async def remove_member(call: Call) -> Response:
    await call.state.members.remove(call.actor, call.id("prj", "project"), call.id("usr", "user"))
    return Response(status_code=204)


async def transfer(call: Call) -> Response:
    body = await call.body(Transfer)
    user_id = ids.from_text("usr", body.user)
    return _members(await call.state.members.transfer(call.actor, call.id("prj", "project"), user_id))


async def teams(call: Call) -> Response:
    return _teams(await call.state.members.teams(call.actor, call.id("prj", "project")))


async def set_team(call: Call) -> Response:
    body = await call.body(MemberChange)
    project_id, team_id = call.id("prj", "project"), call.id(TEAM_PREFIX, "team")
    return _teams(await call.state.members.set_team(call.actor, project_id, team_id, body.role))


async def remove_team(call: Call) -> Response:
    await call.state.members.remove_team(call.actor, call.id("prj", "project"), call.id(TEAM_PREFIX, "team"))
    return Response(status_code=204)


def _members(found: Sequence[Member]) -> Response:
    return reply(
        MembersOut(
            members=[
                MemberOut(
                    id=ids.to_text("usr", member.user_id),
                    name=member.name,
                    email=member.email,
                    colour=member.colour,
                    role=member.role,
                    kind=member.kind,
                )
                for member in found
            ]
        )
    )


def _teams(found: Sequence[ProjectTeamRow]) -> Response:
    return reply(
        ProjectTeamsOut(
            teams=[
                ProjectTeamOut(
                    id=ids.to_text(TEAM_PREFIX, row.team_id), name=row.name, role=Role(row.role), members=row.members
                )
                for row in found
            ]
        )
    )


_PROJECT = "/v1/projects/{project}"
_MEMBERS = _PROJECT + "/members"
_MEMBER = _MEMBERS + "/{user}"
_TEAMS = _PROJECT + "/teams"
_TEAM = _TEAMS + "/{team}"

OPERATIONS = (
    Operation("GET", _MEMBERS, members, "projects", "Who belongs to it", answer=MembersOut, refusals=(404,)),
    Operation(
        "POST",
        _MEMBERS,
        add_member,
        "projects",
        "Add somebody",
        body=NewMember,
        answer=MembersOut,
        refusals=(403, 404, 409),
        resumes=True,
    ),
    Operation(
        "PATCH",
        _MEMBER,
        change_member,
        "projects",
        "Give a member another role",
        body=MemberChange,
        answer=MembersOut,
        refusals=(403, 404, 409),
    ),
    Operation("DELETE", _MEMBER, remove_member, "projects", "Remove a member", status=204, refusals=(403, 404, 409)),
    Operation(
        "POST",
        _PROJECT + "/transfer",
        transfer,
        "projects",
        "Give the project to another member",
        body=Transfer,
        answer=MembersOut,
        refusals=(403, 404, 409),
        resumes=True,
    ),
    Operation(
        "GET", _TEAMS, teams, "projects", "Which teams have a role in it", answer=ProjectTeamsOut, refusals=(404,)
    ),
    Operation(
        "PUT",
        _TEAM,
        set_team,
        "projects",
        "Give a team a role, or another",
        body=MemberChange,
        answer=ProjectTeamsOut,
        refusals=(403, 404, 409),
    ),
    Operation("DELETE", _TEAM, remove_team, "projects", "Take a team's role away", status=204, refusals=(403, 404)),
)
