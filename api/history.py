"""Routes of a document's past: versions, content at a point, differences, who did what, and the way back.

Points are sequences, versions or times; `services/history` says what they mean.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

from starlette.responses import Response

from api.call import Call, reply
from api.history_schemas import (
    ActivityOut,
    ActivityQuery,
    BlameOut,
    BlameQuery,
    ContentOut,
    DiffOut,
    DiffQuery,
    EntityChangeOut,
    KeptOut,
    KeyChangeOut,
    LastChangeOut,
    NewVersion,
    PlaceOut,
    PointQuery,
    RegisterOut,
    RestoredOut,
    RestoreTo,
    UndoneOut,
    UndoWork,
    VersionOut,
    VersionsOut,
    VersionsQuery,
    WordsOut,
    WorkOut,
)
from api.operation import Operation
from api.rates import RouteClass
from services.history.blame import LastChange, Work
from services.history.errors import NoSuchVersion
from services.history.model import VERSION_PREFIX, EntityChange, KeyChange, parse_point
from services.history.restore import Kept
from storage.tables.versions import VersionRow
from sync import ids
from sync.errors import MalformedId
from sync.ids import DocumentId
from sync.names import DocumentName


async def versions(call: Call) -> Response:
    asked = call.query(VersionsQuery)
    position = call.position(asked.cursor)
    before = None if position is None else _version_id(position)
    found, names = await call.state.history.versions(call.actor, call.document_id(), before, asked.limit)
    last = _version_text(found[-1].id) if len(found) == asked.limit else None
    return call.page(VersionsOut(versions=[_version(row, names) for row in found], next=call.cursor(last)))


async def name_version(call: Call) -> Response:
    body = await call.body(NewVersion)
    document_id, key = call.document_id(), call.idempotency_key()
    version = await call.state.history.name_version(call.actor, document_id, body.label, body.seq, key)
    return reply(_version(version, {call.actor.user_id: call.actor.name}), 201)


async def delete_version(call: Call) -> Response:
    version_id = _version_id(call.text("version"))
    await call.state.history.delete_version(call.actor, call.document_id(), version_id)
    return Response(status_code=204)


async def content(call: Call) -> Response:
    point = call.query(PointQuery).point()
    document_id = call.document_id()
    shown = await call.state.history.content(call.actor, document_id, point)
    name = DocumentName(shown.kind, DocumentId(document_id), shown.epoch)
    body = b'{"content":%b,"epoch":%d,"name":"%b","seq":%d}'
    return Response(
        body % (shown.content, shown.epoch, str(name).encode(), shown.seq),
        headers={"ETag": f'"{shown.epoch}.{shown.seq}"'},
        media_type="application/json",
    )


async def diff(call: Call) -> Response:
    asked = call.query(DiffQuery)
    start, end = parse_point(asked.start), parse_point(asked.to)
    found = await call.state.history.diff(call.actor, call.document_id(), start, end)
    return reply(
        DiffOut(
            start=PlaceOut(epoch=found.start[0], seq=found.start[1]),
            end=PlaceOut(epoch=found.end[0], seq=found.end[1]),
            changes=[entity_change(change) for change in found.changes],
        )
    )


async def activity(call: Call) -> Response:
    asked = call.query(ActivityQuery)
    position = call.position(asked.cursor)
    after = asked.after if position is None else int(position)
    found = await call.state.history.activity(call.actor, call.document_id(), after, asked.limit)
    following = None if found.next is None else call.cursor(str(found.next))
    return call.page(ActivityOut(works=[_work(work, found.names) for work in found.works], next=following))


async def blame(call: Call) -> Response:
    asked = call.query(BlameQuery)
    found = await call.state.history.blame(call.actor, call.document_id(), asked.entity)
    changes = [_last_change(change, found.names) for change in found.changes]
    return reply(BlameOut(entity=asked.entity, after=found.after, seq=found.seq, changes=changes))


async def restore(call: Call) -> Response:
    body = await call.body(RestoreTo)
    key, now = call.idempotency_key(), datetime.fromtimestamp(call.state.now(), UTC)
    done = await call.state.history.restore(call.actor, call.document_id(), body.point(), now, key)
    return reply(RestoredOut(seq=done.seq, changed=done.changed, written=len(done.written), kept=kept_out(done.kept)))


async def undo(call: Call) -> Response:
    body = await call.body(UndoWork)
    key, now = call.idempotency_key(), datetime.fromtimestamp(call.state.now(), UTC)
    author, since = ids.from_text("usr", body.author), parse_point(body.since)
    done = await call.state.history.undo(call.actor, call.document_id(), author, since, now, key)
    undone = [RegisterOut(root=root, entity=entity, key=key) for root, entity, key in done.written]
    return reply(UndoneOut(seq=done.seq, changed=done.changed, undone=undone, kept=kept_out(done.kept)))


def kept_out(kept: Sequence[Kept]) -> list[KeptOut]:
    return [KeptOut(root=each.root, entity=each.entity, key=each.key, why=each.why) for each in kept]


def _version_id(text: str) -> UUID:
    try:
        return ids.from_text(VERSION_PREFIX, text)
    except MalformedId as error:
        raise NoSuchVersion(NoSuchVersion.__doc__) from error


def _version_text(version_id: UUID) -> str:
    return ids.to_text(VERSION_PREFIX, version_id)


def _user(user_id: UUID | None) -> str | None:
    return None if user_id is None else ids.to_text("usr", user_id)


def _name(user_id: UUID | None, names: Mapping[UUID, str]) -> str | None:
    return None if user_id is None else names.get(user_id)


def _version(row: VersionRow, names: Mapping[UUID, str]) -> VersionOut:
    return VersionOut(
        id=_version_text(row.id),
        label=row.label,
        epoch=row.epoch,
        seq=row.seq,
        author=ids.to_text("usr", row.author),
        author_name=_name(row.author, names),
        created_at=row.created_at,
    )


def entity_change(change: EntityChange) -> EntityChangeOut:
    return EntityChangeOut(root=change.root, entity=change.entity, change=change.change, keys=_keys(change.keys))


def _keys(changes: Sequence[KeyChange]) -> list[KeyChangeOut]:
    return [
        KeyChangeOut(
            key=change.key or None,
            before=change.before,
            after=change.after,
            words=None if change.words is None else [WordsOut(op=each.op, text=each.text) for each in change.words],
        )
        for change in changes
    ]


def _work(work: Work, names: Mapping[UUID, str]) -> WorkOut:
    return WorkOut(
        author=_user(work.author),
        author_name=_name(work.author, names),
        origins=sorted(work.origins),
        first_seq=work.first_seq,
        last_seq=work.last_seq,
        began_at=work.began_at,
        ended_at=work.ended_at,
        rows=work.rows,
        relayed=work.relayed,
        touched=work.counts,
        entities=work.entities,
    )


def _last_change(change: LastChange, names: Mapping[UUID, str]) -> LastChangeOut:
    return LastChangeOut(
        root=change.register.root,
        key=change.register.key,
        author=_user(change.author),
        author_name=_name(change.author, names),
        origin=change.origin,
        seq=change.seq,
        at=change.at,
    )


_DOCUMENT = "/v1/documents/{document}"
_VERSIONS = _DOCUMENT + "/versions"

OPERATIONS = (
    Operation(
        "GET",
        _VERSIONS,
        versions,
        "history",
        "The named versions, newest first",
        query=VersionsQuery,
        answer=VersionsOut,
        refusals=(404,),
    ),
    Operation(
        "POST",
        _VERSIONS,
        name_version,
        "history",
        "Name a version",
        body=NewVersion,
        answer=VersionOut,
        status=201,
        refusals=(403, 404, 409),
        resumes=True,
    ),
    Operation(
        "DELETE",
        _VERSIONS + "/{version}",
        delete_version,
        "history",
        "Take the name away; the history stays",
        status=204,
        refusals=(403, 404),
    ),
    Operation(
        "GET",
        _DOCUMENT + "/content",
        content,
        "history",
        "Everything in the document at a sequence, a time or a version",
        query=PointQuery,
        answer=ContentOut,
        refusals=(404, 409),
        costs=RouteClass.COSTLY,
    ),
    Operation(
        "GET",
        _DOCUMENT + "/diff",
        diff,
        "history",
        "What changed between two points",
        query=DiffQuery,
        answer=DiffOut,
        refusals=(404, 409),
        costs=RouteClass.COSTLY,
    ),
    Operation(
        "GET",
        _DOCUMENT + "/activity",
        activity,
        "history",
        "Who worked on what, oldest first",
        query=ActivityQuery,
        answer=ActivityOut,
        refusals=(404, 409),
        costs=RouteClass.COSTLY,
    ),
    Operation(
        "GET",
        _DOCUMENT + "/blame",
        blame,
        "history",
        "Who last changed each key of an entity",
        query=BlameQuery,
        answer=BlameOut,
        refusals=(404, 409),
        costs=RouteClass.COSTLY,
    ),
    Operation(
        "POST",
        _DOCUMENT + "/restore",
        restore,
        "history",
        "Bring an earlier content back as an edit",
        body=RestoreTo,
        answer=RestoredOut,
        refusals=(403, 404, 409),
        resumes=True,
        costs=RouteClass.COSTLY,
    ),
    Operation(
        "POST",
        _DOCUMENT + "/undo",
        undo,
        "history",
        "Take back what one author did since a point",
        body=UndoWork,
        answer=UndoneOut,
        refusals=(403, 404, 409),
        resumes=True,
        costs=RouteClass.COSTLY,
    ),
)
