"""Routes of document tokens, which stock clients use because they reconnect with fixed parameters."""

from uuid import UUID

from starlette.responses import Response

from api.call import Call, reply
from api.errors import FieldInvalid
from api.operation import Operation
from api.schemas import DocumentToken, NewDocumentToken
from services.users.access import access_document
from services.users.document_tokens import issue_document_token, revoke_document_token
from services.users.tokens import CLOCK_LEEWAY_S, DOCUMENT_TTL_S_MAX
from sync.ids import DocumentId
from sync.names import DocumentName, Kind


async def issue_token(call: Call) -> Response:
    body = await call.body(NewDocumentToken)
    access = await access_document(call.state.stores.pool, call.actor, call.document_id())
    role = access.role if body.role is None else access.role.capped(body.role)
    issued = await issue_document_token(
        call.state.stores.pool, call.state.tokens, call.actor, access, role, call.state.now(), body.ttl_s
    )
    name = DocumentName(Kind(access.kind), DocumentId(access.document_id), access.epoch)
    return reply(
        DocumentToken(
            token=issued.text, id=str(issued.token_id), name=str(name), role=role, expires_at=issued.expires_at
        ),
        201,
    )


async def revoke_token(call: Call) -> Response:
    """Whoever knows a token's id holds the token or was told by its holder: ids are 122 random bits."""
    access = await access_document(call.state.stores.pool, call.actor, call.document_id())
    try:
        token_id = UUID(call.text("token"))
    except ValueError as error:
        raise FieldInvalid("The id of a token is a UUID.", field="token") from error
    over_at = call.state.now() + DOCUMENT_TTL_S_MAX + CLOCK_LEEWAY_S
    await revoke_document_token(call.state.stores.pool, call.actor, access.document_id, token_id, over_at)
    return Response(status_code=204)


_TOKENS = "/v1/documents/{document}/tokens"

OPERATIONS = (
    Operation(
        "POST",
        _TOKENS,
        issue_token,
        "documents",
        "A token for one document",
        body=NewDocumentToken,
        answer=DocumentToken,
        status=201,
        refusals=(404,),
        resumes=True,
    ),
    Operation(
        "DELETE", _TOKENS + "/{token}", revoke_token, "documents", "Withdraw a token", status=204, refusals=(404, 422)
    ),
)
