"""Routes of invitations: of a project, of a team, and of whoever holds one.

The holder's token is in the body: paths are logged, bodies are not.
"""

from collections.abc import Sequence

from starlette.responses import Response

from api.call import Call, authenticate, reply
from api.operation import Operation
from api.people_schemas import (
    AcceptedOut,
    AcceptInvitation,
    InvitationOut,
    InvitationsOut,
    InvitationToken,
    NewInvitation,
    NewProjectInvitation,
    OfferOut,
)
from api.rates import RouteClass
from api.schemas import Nothing
from api.sessions import keep_session
from services.invitations.model import INVITATION_PREFIX, Target
from services.teams.model import TEAM_PREFIX
from services.users.errors import Unauthenticated
from storage.tables.invitations import InvitationRow
from sync import ids


async def invite_to_project(call: Call) -> Response:
    body = await call.body(NewProjectInvitation)
    episode_id = None if body.episode is None else ids.from_text("epi", body.episode)
    return await _invite(call, Target(project_id=call.id("prj", "project"), episode_id=episode_id), body)


async def invite_to_team(call: Call) -> Response:
    return await _invite(call, Target(team_id=call.id(TEAM_PREFIX, "team")), await call.body(NewInvitation))


async def of_project(call: Call) -> Response:
    return await _listed(call, Target(project_id=call.id("prj", "project")))


async def of_team(call: Call) -> Response:
    return await _listed(call, Target(team_id=call.id(TEAM_PREFIX, "team")))


async def resend(call: Call) -> Response:
    await call.body(Nothing)
    invitation_id = call.id(INVITATION_PREFIX, "invitation")
    return reply(_invitation(await call.state.invitations.resend(call.actor, invitation_id, call.state.now())))


async def revoke(call: Call) -> Response:
    await call.state.invitations.revoke(call.actor, call.id(INVITATION_PREFIX, "invitation"))
    return Response(status_code=204)


async def look(call: Call) -> Response:
    body = await call.body(InvitationToken)
    offer = await call.state.invitations.look(body.token, call.state.now())
    row = offer.row
    return reply(
        OfferOut(
            to=row.to,
            project=_project(row),
            episode=_episode(row),
            team=_team(row),
            role=row.role,
            invited_by_name=row.inviter,
            email=row.email,
            expires_at=row.expires_at,
            has_account=offer.has_account,
        )
    )


async def accept(call: Call) -> Response:
    """By whoever is signed in; else as a new account, whose session the browser then has."""
    body = await call.body(AcceptInvitation)
    now = call.state.now()
    try:
        session = await authenticate(call.request, call.state)
    except Unauthenticated:
        if body.name is None:
            raise
        row, issued = await call.state.invitations.accept_as_new(body.token, body.name, now)
        answer = reply(AcceptedOut(project=_project(row), episode=_episode(row), team=_team(row)))
        keep_session(call, answer, issued)
        return answer
    row = await call.state.invitations.accept(session.actor, body.token, now)
    return reply(AcceptedOut(project=_project(row), episode=_episode(row), team=_team(row)))


async def decline(call: Call) -> Response:
    body = await call.body(InvitationToken)
    await call.state.invitations.decline(body.token, call.state.now())
    return Response(status_code=204)


async def _invite(call: Call, target: Target, body: NewInvitation) -> Response:
    made = await call.state.invitations.invite(
        call.actor, target, body.email, body.role, call.state.now(), call.idempotency_key()
    )
    return reply(_invitation(made), 201)


async def _listed(call: Call, target: Target) -> Response:
    found: Sequence[InvitationRow] = await call.state.invitations.invitations(call.actor, target)
    return reply(InvitationsOut(invitations=[_invitation(row) for row in found]))


def _invitation(row: InvitationRow) -> InvitationOut:
    return InvitationOut(
        id=ids.to_text(INVITATION_PREFIX, row.id),
        project=_project(row),
        episode=_episode(row),
        team=_team(row),
        email=row.email,
        role=row.role,
        invited_by=ids.to_text("usr", row.invited_by),
        invited_by_name=row.inviter,
        state=row.state,
        created_at=row.created_at,
        expires_at=row.expires_at,
        sent_at=row.sent_at,
    )


def _project(row: InvitationRow) -> str | None:
    return None if row.project_id is None else ids.to_text("prj", row.project_id)


def _episode(row: InvitationRow) -> str | None:
    return None if row.episode_id is None else ids.to_text("epi", row.episode_id)


def _team(row: InvitationRow) -> str | None:
    return None if row.team_id is None else ids.to_text(TEAM_PREFIX, row.team_id)


_OF_PROJECT = "/v1/projects/{project}/invitations"
_OF_TEAM = "/v1/teams/{team}/invitations"
_ONE = "/v1/invitations/{invitation}"

OPERATIONS = (
    Operation(
        "GET",
        _OF_PROJECT,
        of_project,
        "invitations",
        "Who was invited to a project",
        answer=InvitationsOut,
        refusals=(403, 404),
    ),
    Operation(
        "POST",
        _OF_PROJECT,
        invite_to_project,
        "invitations",
        "Invite somebody to a project, or to one episode of it",
        body=NewProjectInvitation,
        answer=InvitationOut,
        status=201,
        refusals=(403, 404, 409),
        resumes=True,
    ),
    Operation(
        "GET",
        _OF_TEAM,
        of_team,
        "invitations",
        "Who was invited to a team",
        answer=InvitationsOut,
        refusals=(403, 404),
    ),
    Operation(
        "POST",
        _OF_TEAM,
        invite_to_team,
        "invitations",
        "Invite somebody to a team",
        body=NewInvitation,
        answer=InvitationOut,
        status=201,
        refusals=(403, 404, 409),
        resumes=True,
    ),
    Operation(
        "POST",
        _ONE + "/resend",
        resend,
        "invitations",
        "Send the mail again, with another token",
        body=Nothing,
        answer=InvitationOut,
        refusals=(403, 404, 409, 429),
        resumes=True,
    ),
    Operation("DELETE", _ONE, revoke, "invitations", "Revoke an invitation", status=204, refusals=(403, 404, 409)),
    Operation(
        "POST",
        "/v1/invitations/look",
        look,
        "invitations",
        "What an invitation is to",
        body=InvitationToken,
        answer=OfferOut,
        public=True,
        refusals=(404, 409),
        costs=RouteClass.SIGN_IN,
    ),
    Operation(
        "POST",
        "/v1/invitations/accept",
        accept,
        "invitations",
        "Accept an invitation, with the account that is signed in or as a new one",
        body=AcceptInvitation,
        answer=AcceptedOut,
        public=True,
        refusals=(401, 403, 404, 409),
        costs=RouteClass.SIGN_IN,
    ),
    Operation(
        "POST",
        "/v1/invitations/decline",
        decline,
        "invitations",
        "Decline an invitation",
        body=InvitationToken,
        status=204,
        public=True,
        refusals=(404, 409),
        costs=RouteClass.SIGN_IN,
    ),
)
