"""Routes of share links: of a project's owners, and of whoever has an address.

The address has its token behind the `#`, and requests have it in the body: paths are logged, bodies are not.
"""

from collections.abc import Sequence

from starlette.responses import Response

from api.call import Call, authenticate, reply
from api.etags import etag_of
from api.operation import Operation
from api.people_schemas import (
    GuestOut,
    GuestsOut,
    NewShareLink,
    OpenShareLink,
    SharedOut,
    ShareLinkChange,
    ShareLinkOut,
    ShareLinksOut,
    ShareOpenedOut,
    ShareToken,
)
from api.rates import RouteClass
from api.sessions import keep_session
from services.shares.model import LINK_PREFIX, SAME, NewShare, ShareChange
from services.users.errors import Unauthenticated
from services.users.model import Actor
from storage.tables.shares import LinkRow
from sync import ids


async def listed(call: Call) -> Response:
    found: Sequence[LinkRow] = await call.state.shares.links(call.actor, call.id("prj", "project"))
    return reply(ShareLinksOut(links=[_link(row) for row in found]))


async def create(call: Call) -> Response:
    body = await call.body(NewShareLink)
    wanted = NewShare(body.label, body.password, body.comment, body.download, body.approve, body.expires_at)

    def repeated(made: tuple[LinkRow, str]) -> Response:
        """Without the token: it is shown once."""
        return reply(_link(made[0]), 201)

    project_id, within = call.id("prj", "project"), call.keeping(repeated)
    link, token = await call.state.shares.create(call.actor, project_id, wanted, call.state.now(), within)
    return reply(_link(link, f"{call.state.settings.public_url}/share#{token}"), 201)


async def get(call: Call) -> Response:
    """Its tag says what somebody decided about it: guests who come meanwhile change nothing."""
    project_id, link_id = call.id("prj", "project"), call.id(LINK_PREFIX, "link")
    shown = _link(await call.state.shares.get(call.actor, project_id, link_id))
    answer = reply(shown)
    answer.headers["ETag"] = etag_of(shown.model_copy(update={"guests": 0}).model_dump_json().encode())
    return answer


async def change(call: Call) -> Response:
    body = await call.body(ShareLinkChange)
    wanted = ShareChange(
        label=body.label,
        password=body.password if "password" in body.model_fields_set else SAME,
        can_comment=body.comment,
        can_download=body.download,
        can_approve=body.approve,
        expires_at=body.expires_at if "expires_at" in body.model_fields_set else SAME,
    )
    project_id, link_id = call.id("prj", "project"), call.id(LINK_PREFIX, "link")
    return reply(_link(await call.state.shares.change(call.actor, project_id, link_id, wanted, call.state.now())))


async def guests(call: Call) -> Response:
    project_id, link_id = call.id("prj", "project"), call.id(LINK_PREFIX, "link")
    found = await call.state.shares.guests(call.actor, project_id, link_id)
    return reply(
        GuestsOut(
            guests=[
                GuestOut(id=ids.to_text("usr", row.user_id), name=row.name, kind=row.kind, joined_at=row.joined_at)
                for row in found
            ]
        )
    )


async def revoke(call: Call) -> Response:
    await call.state.shares.revoke(call.actor, call.id("prj", "project"), call.id(LINK_PREFIX, "link"))
    return Response(status_code=204)


async def look(call: Call) -> Response:
    body = await call.body(ShareToken)
    row = await call.state.shares.look(body.token, call.state.now())
    return reply(
        SharedOut(
            title=row.title,
            label=row.label,
            needs_password=row.password_hash is not None,
            comment=row.can_comment,
            download=row.can_download,
            approve=row.can_approve,
            expires_at=row.expires_at,
        )
    )


async def open_link(call: Call) -> Response:
    """By whoever is signed in, as who they are; else as a new guest, whose session the browser then has."""
    body = await call.body(OpenShareLink)
    opened = await call.state.shares.open(body.token, body.password, body.name, await _visitor(call), call.state.now())
    answer = reply(ShareOpenedOut(project=ids.to_text("prj", opened.project_id)))
    if opened.session is not None:
        keep_session(call, answer, opened.session)
    return answer


async def _visitor(call: Call) -> Actor | None:
    try:
        return (await authenticate(call.request, call.state)).actor
    except Unauthenticated:
        return None


def _link(row: LinkRow, url: str | None = None) -> ShareLinkOut:
    return ShareLinkOut(
        id=ids.to_text(LINK_PREFIX, row.id),
        label=row.label,
        has_password=row.password_hash is not None,
        comment=row.can_comment,
        download=row.can_download,
        approve=row.can_approve,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        guests=row.guests,
        url=url,
    )


_ALL = "/v1/projects/{project}/share-links"
_ONE = _ALL + "/{link}"

OPERATIONS = (
    Operation("GET", _ALL, listed, "shares", "Links by which guests come", answer=ShareLinksOut, refusals=(403, 404)),
    Operation(
        "POST",
        _ALL,
        create,
        "shares",
        "Make a link for guests",
        body=NewShareLink,
        answer=ShareLinkOut,
        status=201,
        refusals=(403, 404, 409),
        costs=RouteClass.COSTLY,
        resumes=True,
    ),
    Operation("GET", _ONE, get, "shares", "A link", answer=ShareLinkOut, refusals=(403, 404)),
    Operation(
        "PATCH",
        _ONE,
        change,
        "shares",
        "Change what a link gives, its password and its end",
        body=ShareLinkChange,
        answer=ShareLinkOut,
        refusals=(403, 404, 409),
        costs=RouteClass.COSTLY,
        insists=True,
    ),
    Operation("GET", _ONE + "/guests", guests, "shares", "Who came by a link", answer=GuestsOut, refusals=(403, 404)),
    Operation("DELETE", _ONE, revoke, "shares", "Revoke a link", status=204, refusals=(403, 404, 409)),
    Operation(
        "POST",
        "/v1/share-links/look",
        look,
        "shares",
        "What a link leads to",
        body=ShareToken,
        answer=SharedOut,
        public=True,
        refusals=(404, 409),
        costs=RouteClass.SIGN_IN,
    ),
    Operation(
        "POST",
        "/v1/share-links/open",
        open_link,
        "shares",
        "Come in by a link, as who is signed in or as a guest",
        body=OpenShareLink,
        answer=ShareOpenedOut,
        public=True,
        refusals=(403, 404, 409, 429),
        costs=RouteClass.SIGN_IN,
    ),
)
