"""Routes of who has a role of their own in an episode: narrower than in the project, or there alone."""

from collections.abc import Sequence

from starlette.responses import Response

from api.call import Call, reply
from api.operation import Operation
from api.people_schemas import (
    EpisodeMemberChange,
    EpisodeMemberOut,
    EpisodeMembersOut,
    EpisodeTeamOut,
    EpisodeTeamsOut,
    NewEpisodeMember,
)
from services.teams.model import TEAM_PREFIX
from services.users.model import EpisodeRole, Role
from storage.tables.episode_roles import EpisodeMemberRow, EpisodeTeamRow
from sync import ids


async def members(call: Call) -> Response:
    return _members(
        await call.state.episode_roles.people(call.actor, call.id("prj", "project"), call.id("epi", "episode"))
    )


async def add_member(call: Call) -> Response:
    body = await call.body(NewEpisodeMember)
    project_id, episode_id = call.id("prj", "project"), call.id("epi", "episode")
    return _members(await call.state.episode_roles.add(call.actor, project_id, episode_id, body.email, body.role))


async def set_member(call: Call) -> Response:
    body = await call.body(EpisodeMemberChange)
    project_id, episode_id, user_id = call.id("prj", "project"), call.id("epi", "episode"), call.id("usr", "user")
    return _members(await call.state.episode_roles.change(call.actor, project_id, episode_id, user_id, body.role))


async def remove_member(call: Call) -> Response:
    project_id, episode_id, user_id = call.id("prj", "project"), call.id("epi", "episode"), call.id("usr", "user")
    await call.state.episode_roles.remove(call.actor, project_id, episode_id, user_id)
    return Response(status_code=204)


async def teams(call: Call) -> Response:
    return _teams(
        await call.state.episode_roles.teams(call.actor, call.id("prj", "project"), call.id("epi", "episode"))
    )


async def set_team(call: Call) -> Response:
    body = await call.body(EpisodeMemberChange)
    project_id, episode_id, team_id = call.id("prj", "project"), call.id("epi", "episode"), call.id(TEAM_PREFIX, "team")
    return _teams(await call.state.episode_roles.set_team(call.actor, project_id, episode_id, team_id, body.role))


async def remove_team(call: Call) -> Response:
    project_id, episode_id, team_id = call.id("prj", "project"), call.id("epi", "episode"), call.id(TEAM_PREFIX, "team")
    await call.state.episode_roles.remove_team(call.actor, project_id, episode_id, team_id)
    return Response(status_code=204)


def _members(found: Sequence[EpisodeMemberRow]) -> Response:
    return reply(
        EpisodeMembersOut(
            members=[
                EpisodeMemberOut(
                    id=ids.to_text("usr", row.user_id),
                    name=row.name,
                    email=row.email,
                    colour=row.colour,
                    kind=row.kind,
                    role=EpisodeRole(row.role),
                    project_role=None if row.project_role is None else Role(row.project_role),
                )
                for row in found
            ]
        )
    )


def _teams(found: Sequence[EpisodeTeamRow]) -> Response:
    return reply(
        EpisodeTeamsOut(
            teams=[
                EpisodeTeamOut(
                    id=ids.to_text(TEAM_PREFIX, row.team_id),
                    name=row.name,
                    members=row.members,
                    role=EpisodeRole(row.role),
                    project_role=None if row.project_role is None else Role(row.project_role),
                )
                for row in found
            ]
        )
    )


_EPISODE = "/v1/projects/{project}/episodes/{episode}"
_MEMBERS = _EPISODE + "/members"
_MEMBER = _MEMBERS + "/{user}"
_TEAMS = _EPISODE + "/teams"
_TEAM = _TEAMS + "/{team}"

OPERATIONS = (
    Operation(
        "GET",
        _MEMBERS,
        members,
        "episode_roles",
        "Who has a role of their own in an episode",
        answer=EpisodeMembersOut,
        refusals=(404,),
    ),
    Operation(
        "POST",
        _MEMBERS,
        add_member,
        "episode_roles",
        "Give somebody a role in an episode",
        body=NewEpisodeMember,
        answer=EpisodeMembersOut,
        refusals=(403, 404, 409),
        resumes=True,
    ),
    Operation(
        "PUT",
        _MEMBER,
        set_member,
        "episode_roles",
        "Give somebody of the project a narrower role in an episode, or another",
        body=EpisodeMemberChange,
        answer=EpisodeMembersOut,
        refusals=(403, 404, 409),
    ),
    Operation(
        "DELETE",
        _MEMBER,
        remove_member,
        "episode_roles",
        "Take somebody's role in an episode away",
        status=204,
        refusals=(403, 404),
    ),
    Operation(
        "GET",
        _TEAMS,
        teams,
        "episode_roles",
        "Which teams have a role of their own in an episode",
        answer=EpisodeTeamsOut,
        refusals=(404,),
    ),
    Operation(
        "PUT",
        _TEAM,
        set_team,
        "episode_roles",
        "Give a team a role in an episode, or another",
        body=EpisodeMemberChange,
        answer=EpisodeTeamsOut,
        refusals=(403, 404, 409),
    ),
    Operation(
        "DELETE",
        _TEAM,
        remove_team,
        "episode_roles",
        "Take a team's role in an episode away",
        status=204,
        refusals=(403, 404),
    ),
)
