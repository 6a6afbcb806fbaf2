"""Routes of a team's service accounts and their API keys."""

from starlette.responses import Response

from api.call import Call, reply
from api.operation import Operation
from api.people_schemas import (
    ApiKeyOut,
    ApiKeysOut,
    NewApiKey,
    NewServiceAccount,
    ServiceAccountOut,
    ServiceAccountsOut,
)
from services.service_accounts.service import KEY_ID_PREFIX, WantedKey
from services.teams.model import TEAM_PREFIX
from services.users.model import Role
from storage.tables.api_keys import AccountRow, KeyRow
from sync import ids


async def listed(call: Call) -> Response:
    found = await call.state.accounts.of_team(call.actor, call.id(TEAM_PREFIX, "team"))
    return reply(ServiceAccountsOut(accounts=[_account(row) for row in found]))


async def create(call: Call) -> Response:
    body = await call.body(NewServiceAccount)
    team_id, within = call.id(TEAM_PREFIX, "team"), call.keeping(_made)
    return _made(await call.state.accounts.create(call.actor, team_id, body.name, within))


async def delete(call: Call) -> Response:
    await call.state.accounts.delete(call.actor, call.id("usr", "account"))
    return Response(status_code=204)


async def keys(call: Call) -> Response:
    found = await call.state.accounts.keys(call.actor, call.id("usr", "account"))
    return reply(ApiKeysOut(keys=[_key(row) for row in found]))


async def create_key(call: Call) -> Response:
    body = await call.body(NewApiKey)
    project_id = None if body.project is None else ids.from_text("prj", body.project)
    wanted = WantedKey(body.name, body.role, project_id, body.expires_at)
    user_id, within = call.id("usr", "account"), call.keeping(_key_repeated)
    made = await call.state.accounts.create_key(call.actor, user_id, wanted, call.state.now(), within)
    return reply(_key(*made), 201)


async def revoke_key(call: Call) -> Response:
    await call.state.accounts.revoke_key(call.actor, call.id("usr", "account"), call.id(KEY_ID_PREFIX, "key"))
    return Response(status_code=204)


def _made(row: AccountRow) -> Response:
    return reply(_account(row), 201)


def _key_repeated(made: tuple[KeyRow, str]) -> Response:
    """Without the key: it is shown once."""
    return reply(_key(made[0]), 201)


def _account(row: AccountRow) -> ServiceAccountOut:
    return ServiceAccountOut(
        id=ids.to_text("usr", row.user_id),
        team=ids.to_text(TEAM_PREFIX, row.team_id),
        name=row.name,
        created_at=row.created_at,
    )


def _key(row: KeyRow, key: str | None = None) -> ApiKeyOut:
    return ApiKeyOut(
        id=ids.to_text(KEY_ID_PREFIX, row.id),
        name=row.name,
        shown=row.shown,
        role=Role(row.role_max),
        project=None if row.project_id is None else ids.to_text("prj", row.project_id),
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        used_at=row.used_at,
        key=key,
    )


_OF_TEAM = "/v1/teams/{team}/service-accounts"
_ONE = "/v1/service-accounts/{account}"
_KEYS = _ONE + "/keys"

OPERATIONS = (
    Operation(
        "GET",
        _OF_TEAM,
        listed,
        "service_accounts",
        "Programs that belong to a team",
        answer=ServiceAccountsOut,
        refusals=(403, 404),
    ),
    Operation(
        "POST",
        _OF_TEAM,
        create,
        "service_accounts",
        "Make a service account",
        body=NewServiceAccount,
        answer=ServiceAccountOut,
        status=201,
        refusals=(403, 404, 409),
        resumes=True,
    ),
    Operation("DELETE", _ONE, delete, "service_accounts", "Delete one and its keys", status=204, refusals=(403, 404)),
    Operation("GET", _KEYS, keys, "service_accounts", "Its keys", answer=ApiKeysOut, refusals=(403, 404)),
    Operation(
        "POST",
        _KEYS,
        create_key,
        "service_accounts",
        "Make a key",
        body=NewApiKey,
        answer=ApiKeyOut,
        status=201,
        refusals=(403, 404, 409),
        resumes=True,
    ),
    Operation(
        "DELETE",
        _KEYS + "/{key}",
        revoke_key,
        "service_accounts",
        "Revoke a key",
        status=204,
        refusals=(403, 404, 409),
    ),
)
