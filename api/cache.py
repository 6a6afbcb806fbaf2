"""Routes of a project's cache: what it saved, why a take was offered or not, and what the owner wants of it."""

from typing import Any

from starlette.responses import Response

from api.cache_schemas import (
    CacheFigureOut,
    CacheOut,
    CachePolicy,
    CachePolicyOut,
    FalseHitsOut,
    LookupExplained,
    LookupOut,
    LookupsOut,
    LookupsQuery,
    SlotDifference,
)
from api.call import Call, reply
from api.operation import Operation
from services.cache.model import Layer, LookupVerdict, Policy
from storage.tables.cached import DecisionRow
from sync import ids

LOOKUP_PREFIX = "lkp"


async def report(call: Call) -> Response:
    found = await call.state.cache_reports.report(call.actor, call.id("prj", "project"))
    hits = found.false_hits
    return reply(
        CacheOut(
            figures=[
                CacheFigureOut(
                    layer=Layer(row.layer),
                    stage=row.stage,
                    requests=row.requests,
                    spent_micro=row.spent_microcredits,
                    saved_micro=row.saved_microcredits,
                )
                for row in found.figures
            ],
            offered=found.offered,
            accepted=found.accepted,
            declined=found.declined,
            false_hits=FalseHitsOut(
                compared=hits.compared, different=hits.different, share=hits.share, at_most=hits.at_most
            ),
        )
    )


async def lookups(call: Call) -> Response:
    query = call.query(LookupsQuery)
    position = call.position(query.cursor)
    before = None if position is None else ids.from_text(LOOKUP_PREFIX, position)
    found = await call.state.cache_reports.decisions(call.actor, call.id("prj", "project"), before, query.limit)
    following = ids.to_text(LOOKUP_PREFIX, found[-1].id) if len(found) == query.limit else None
    return call.page(LookupsOut(lookups=[LookupOut(**_lookup(row)) for row in found], next=call.cursor(following)))


async def lookup(call: Call) -> Response:
    project_id, lookup_id = call.id("prj", "project"), call.id(LOOKUP_PREFIX, "lookup")
    found = await call.state.cache_reports.decision(call.actor, project_id, lookup_id)
    made = None if found.take is None else found.take.prompt
    return reply(LookupExplained(**_lookup(found.decision), made=made))


async def policy(call: Call) -> Response:
    return _policy(await call.state.cache_reports.policy(call.actor, call.id("prj", "project")))


async def set_policy(call: Call) -> Response:
    body, project_id = await call.body(CachePolicy), call.id("prj", "project")
    wanted = Policy(body.mode, body.prepares_ahead)
    return _policy(await call.state.cache_reports.set_policy(call.actor, project_id, wanted))


def _policy(policy: Policy) -> Response:
    return reply(CachePolicyOut(mode=policy.mode, prepares_ahead=policy.prepares_ahead))


def _lookup(row: DecisionRow) -> dict[str, Any]:
    return {
        "id": ids.to_text(LOOKUP_PREFIX, row.id),
        "partition": row.partition,
        "key": row.key,
        "stage": row.stage,
        "verdict": LookupVerdict(row.verdict),
        "score": row.score,
        "threshold": row.threshold,
        "nominated": row.nominated,
        "differences": [
            SlotDifference(slot=slot, made=list(made), asked=list(asked)) for slot, made, asked in row.differences
        ],
        "saves_micro": row.saves_microcredits,
        "answer": row.answer,
        "shadow": row.shadow,
        "decided_at": row.decided_at,
    }


_CACHE = "/v1/projects/{project}/cache"

OPERATIONS = (
    Operation(
        "GET",
        _CACHE,
        report,
        "cache",
        "What the cache answered, saved and offered",
        answer=CacheOut,
        refusals=(403, 404),
    ),
    Operation(
        "GET",
        _CACHE + "/lookups",
        lookups,
        "cache",
        "Why takes were offered, or not",
        query=LookupsQuery,
        answer=LookupsOut,
        refusals=(403, 404),
    ),
    Operation(
        "GET",
        _CACHE + "/lookups/{lookup}",
        lookup,
        "cache",
        "Why this one was offered, or not",
        answer=LookupExplained,
        refusals=(403, 404),
    ),
    Operation(
        "GET", _CACHE + "/policy", policy, "cache", "What may be used again", answer=CachePolicyOut, refusals=(404,)
    ),
    Operation(
        "PUT",
        _CACHE + "/policy",
        set_policy,
        "cache",
        "Say what may be used again",
        body=CachePolicy,
        answer=CachePolicyOut,
        refusals=(403, 404),
    ),
)
