"""Takes that are offered for other words: only of the same partition, only when nothing differs, with a reason kept."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from services.cache.ahead import Hindrance, Idle
from services.cache.errors import NoSuchDecision, NothingOffered, NothingToCompare
from services.cache.model import Layer, LookupVerdict, Made, Mode, Policy
from services.cache.reports import Reports
from services.cache.semantic import Offer, Semantic
from services.cache.service import Cache
from services.projects.purge import Purger
from services.users.errors import NoSuchProject
from storage.errors import StoreAway
from storage.objects import Objects
from storage.pinecone import PineconeVectors
from storage.tables import cached
from storage.vectors import Near, PostgresVectors
from tests.contract.pinecone import SETTINGS, Pinecone
from tests.integration.cache.conftest import PRICE, House
from tests.project_rows import a_person, a_project
from tests.unit.cache.test_model import OTHERS
from tests.word_counter import WordCounter

PROMPT = "Mara in a red coat follows Elias. Slow dolly in, 35mm."
REORDERED = "Slow dolly in, 35mm. Mara in a red coat follows Elias."
NEAR_MISS = "Mara in a red coat follows Elias. Slow dolly out, 35mm."


async def offered(house: House) -> Offer:
    await house.cache.once(house.asks(PROMPT), house.make)
    offer = await house.cache.offer(house.asks(REORDERED))
    assert offer is not None
    return offer


async def newest(house: House) -> cached.DecisionRow:
    return (await cached.decisions(house.pool, house.project, None, 1))[0]


async def test_other_words_for_the_same_are_offered_with_price_and_score(house: House) -> None:
    offer = await offered(house)
    assert offer.prompt == PROMPT and offer.saves_microcredits == PRICE and offer.score == pytest.approx(1.0, abs=1e-6)
    kept = await newest(house)
    assert (kept.id, kept.verdict, kept.differences, kept.answer) == (
        offer.decision_id,
        LookupVerdict.OFFERED,
        (),
        None,
    )


async def test_nothing_is_offered_where_the_same_was_made_already(house: House) -> None:
    await offered(house)
    await house.cache.once(house.asks(REORDERED), house.make)
    assert await house.cache.offer(house.asks(REORDERED)) is None


async def test_a_near_miss_is_not_offered_and_the_reason_is_kept(house: House) -> None:
    await house.cache.once(house.asks(PROMPT), house.make)
    assert await house.cache.offer(house.asks(NEAR_MISS)) is None
    kept = await newest(house)
    assert kept.verdict == LookupVerdict.DIFFERS and kept.score is not None and kept.score > 0.8
    assert kept.differences == (("move", ("push-in",), ("pull-out",)),)


async def test_what_is_not_near_is_not_looked_at(house: House) -> None:
    await house.cache.once(house.asks(PROMPT), house.make)
    assert await house.cache.offer(house.asks("Rain on a tin roof.")) is None
    kept = await newest(house)
    assert (kept.verdict, kept.nominated, kept.take_id) == (LookupVerdict.NOTHING_NEAR, 0, None)


async def test_the_right_one_is_found_behind_many_near_misses(house: House) -> None:
    for lens in range(40, 60):
        await house.semantic.remember(house.asks(PROMPT.replace("35mm", f"{lens}mm")), await house.make())
    await house.semantic.remember(house.asks(PROMPT), Made({"media": "right"}, PRICE))
    offer = await house.semantic.offer(house.asks(REORDERED))
    assert offer is not None and offer.output == {"media": "right"}


@pytest.mark.parametrize("number", range(len(OTHERS)))
async def test_p13_a_take_of_other_terms_is_never_offered(
    house: House, pool: asyncpg.Pool, objects: Objects, number: int
) -> None:
    other = OTHERS[number](house.terms)
    if other.project != house.project:
        other = replace(other, project=(await a_project(pool, objects)).id)
    await house.semantic.remember(replace(house.asks(PROMPT), terms=other), await house.make())
    assert await house.semantic.offer(house.asks(PROMPT)) is None


async def test_p13_a_store_of_vectors_that_errs_is_not_believed(house: House, pool: asyncpg.Pool) -> None:
    """It answers with a take of another brain, as the nearest of all."""
    other = replace(house.asks(PROMPT), terms=replace(house.terms, brain="comedy/1"))
    await house.semantic.remember(other, await house.make())
    foreign: UUID = await pool.fetchval("select id from cached_takes where project_id = $1", house.project)

    class Erring(PostgresVectors):
        async def nearest(self, project_id: UUID, partition: str, vector: Sequence[float], limit: int) -> list[Near]:
            return [Near(foreign, 1.0), Near(uuid4(), 1.0)]

    semantic = Semantic(pool, Erring(pool), WordCounter())
    assert await semantic.offer(house.asks(PROMPT)) is None
    assert (await newest(house)).verdict == LookupVerdict.NOTHING_NEAR


async def test_accepting_gives_the_take_and_saves_once(house: House) -> None:
    offer = await offered(house)
    first = await house.cache.accept(house.project, "clip", offer.decision_id)
    again = await house.cache.accept(house.project, "clip", offer.decision_id)
    assert first.output == again.output == offer.output
    assert (first.layer, first.saved_microcredits, again.saved_microcredits) == (Layer.SEMANTIC, PRICE, 0)
    with pytest.raises(NothingOffered):
        await house.cache.decline(house.project, offer.decision_id)
    figures = {row.layer: row.saved_microcredits for row in await cached.figures(house.pool, house.project, 1)}
    assert figures["semantic"] == PRICE


async def test_declining_is_final_and_a_refusal_cannot_be_accepted(house: House) -> None:
    offer = await offered(house)
    await house.cache.decline(house.project, offer.decision_id)
    with pytest.raises(NothingOffered):
        await house.cache.accept(house.project, "clip", offer.decision_id)
    await house.cache.offer(house.asks(NEAR_MISS))
    with pytest.raises(NothingOffered):
        await house.cache.accept(house.project, "clip", (await newest(house)).id)
    with pytest.raises(NoSuchDecision):
        await house.cache.accept(house.project, "clip", uuid4())


async def test_a_shadowed_offer_saves_nothing_and_is_counted_when_it_was_compared(
    house: House, pool: asyncpg.Pool
) -> None:
    semantic = Semantic(pool, PostgresVectors(pool), WordCounter(), threshold=0.6, shadow_share=1.0)
    await semantic.remember(house.asks(PROMPT), await house.make())
    verdicts = (True, True, False)
    for same in verdicts:
        offer = await semantic.offer(house.asks(REORDERED))
        assert offer is not None and offer.is_shadowed
        assert (await semantic.accept(house.project, offer.decision_id)).saved_microcredits == 0
        await semantic.compare(house.project, offer.decision_id, same=same)
        with pytest.raises(NothingToCompare):
            await semantic.compare(house.project, offer.decision_id, same=not same)
    found = await semantic.false_hits(house.project)
    assert (found.compared, found.different) == (3, 1) and found.at_most > found.share


async def test_what_nobody_wanted_compared_is_not(house: House) -> None:
    offer = await offered(house)
    with pytest.raises(NothingToCompare):
        await house.cache.compare(house.project, offer.decision_id, same=True)


async def test_vectors_that_are_away_offer_nothing_and_say_so(house: House, pool: asyncpg.Pool) -> None:
    class Away(PostgresVectors):
        async def nearest(self, project_id: UUID, partition: str, vector: Sequence[float], limit: int) -> list[Near]:
            raise StoreAway("no vectors today")

    await house.semantic.remember(house.asks(PROMPT), await house.make())
    assert await Semantic(pool, Away(pool), WordCounter()).offer(house.asks(REORDERED)) is None
    assert (await newest(house)).verdict == LookupVerdict.AWAY


async def test_a_prompt_too_long_to_be_read_is_neither_remembered_nor_offered(house: House) -> None:
    long = "a red kite. " * 1_000
    await house.cache.once(house.asks(long), house.make)
    assert await house.cache.offer(house.asks(long + " At night.")) is None
    assert (await newest(house)).verdict == LookupVerdict.UNREADABLE


async def test_only_pictures_are_offered(house: House) -> None:
    voice = replace(house.asks(PROMPT), terms=replace(house.terms, stage="voice"))
    await house.cache.once(voice, house.make)
    assert await house.cache.offer(replace(voice, prompt=REORDERED)) is None
    assert await cached.decisions(house.pool, house.project, None, 5) == []


async def test_a_project_that_wants_exact_answers_is_offered_nothing(house: House) -> None:
    await cached.set_policy(house.pool, house.project, Mode.EXACT, False)
    await house.cache.once(house.asks(PROMPT), house.make)
    assert (await house.cache.once(house.asks(PROMPT), house.make)).layer is Layer.EXACT
    assert await house.cache.offer(house.asks(REORDERED)) is None


async def test_what_is_too_old_is_not_offered_and_is_swept_with_its_vector(house: House, pool: asyncpg.Pool) -> None:
    await house.cache.once(house.asks(PROMPT), house.make)
    await pool.execute(
        "update cached_takes set made_at = now() - interval '91 days' where project_id = $1", house.project
    )
    assert await house.cache.offer(house.asks(REORDERED)) is None
    assert await house.cache.sweep() >= 1
    for table in ("cached_takes", "cached_vectors"):
        assert await pool.fetchval(f"select count(*) from {table} where project_id = $1", house.project) == 0


async def test_a_project_that_is_purged_leaves_nothing_behind(house: House, pool: asyncpg.Pool) -> None:
    await offered(house)
    await house.cache.forget(house.project)
    await pool.execute("delete from projects where id = $1", house.project)
    for table in ("cached_takes", "cached_vectors", "cache_decisions", "cache_figures"):
        assert await pool.fetchval(f"select count(*) from {table} where project_id = $1", house.project) == 0


async def long_deleted(house: House) -> Purger:
    await house.pool.execute("update projects set deleted_at = now() - interval '31 days' where id = $1", house.project)
    return Purger(house.pool, house.objects, timedelta(days=30), forget=house.cache.forget)


async def test_the_purge_of_a_project_reaches_what_is_in_pinecone_and_redis(house: House) -> None:
    stub = Pinecone()
    async with httpx.AsyncClient(transport=stub.transport) as http:
        semantic = Semantic(house.pool, PineconeVectors(http, SETTINGS), WordCounter(), threshold=0.6)
        there = replace(house, cache=Cache(house.pool, house.exact, semantic))
        await offered(there)
        key = there.asks(PROMPT).key
        assert house.project.hex in stub.namespaces and await house.exact.is_known(house.project, key)
        assert await (await long_deleted(there)).purge("project", house.project)
    assert house.project.hex not in stub.namespaces and not await house.exact.is_known(house.project, key)


async def test_a_purge_that_pinecone_does_not_answer_is_made_again_later(house: House) -> None:
    stub = Pinecone()
    async with httpx.AsyncClient(transport=stub.transport) as http:
        semantic = Semantic(house.pool, PineconeVectors(http, SETTINGS), WordCounter(), threshold=0.6)
        there = replace(house, cache=Cache(house.pool, house.exact, semantic))
        await offered(there)
        purger = await long_deleted(there)
        stub.status = 503
        with pytest.raises(StoreAway):
            await purger.purge("project", house.project)
        assert ("project", house.project) in await purger.due()
        stub.status = None
        assert await purger.purge("project", house.project)
    assert house.project.hex not in stub.namespaces


IDLE = Idle(free_microcredits=10 * PRICE, most_microcredits=PRICE, waiting=0, places=2, free_places=2)


async def test_the_next_scene_is_prepared_only_for_an_owner_who_agreed_and_saves_time_not_money(house: House) -> None:
    asked = house.asks("The next scene.")
    assert await house.cache.prepare(asked, IDLE, house.make) is Hindrance.NOT_AGREED
    await cached.set_policy(house.pool, house.project, Mode.SUGGEST, True)
    assert await house.cache.prepare(asked, IDLE, house.make) is None
    assert await house.cache.prepare(asked, IDLE, house.make) is Hindrance.KNOWN
    used = await house.cache.once(asked, house.make)
    again = await house.cache.once(asked, house.make)
    assert house.make.made == 1
    assert (used.layer, used.spent_microcredits, used.saved_microcredits) == (Layer.AHEAD, 0, 0)
    assert (again.layer, again.saved_microcredits) == (Layer.EXACT, PRICE)


async def test_the_report_says_all_of_it_to_who_is_in_the_project_and_nothing_to_others(
    house: House, pool: asyncpg.Pool
) -> None:
    reports, stranger = Reports(pool), await a_person(pool)
    offer = await offered(house)
    await house.cache.accept(house.project, "clip", offer.decision_id)
    policy = Policy(Mode.SUGGEST, prepares_ahead=True)
    assert await reports.policy(house.owner, house.project) == Policy()
    assert await reports.set_policy(house.owner, house.project, policy) == policy
    assert await reports.policy(house.owner, house.project) == policy
    report = await reports.report(house.owner, house.project)
    assert (report.offered, report.accepted, report.declined) == (1, 1, 0)
    assert {row.layer for row in report.figures} == {"none", "semantic"}
    assert report.false_hits.at_most == 1.0, "nothing was compared"
    why = await reports.decision(house.owner, house.project, offer.decision_id)
    assert why.decision.answer == "accepted" and why.take is not None and why.take.prompt == PROMPT
    assert [why.decision] == await reports.decisions(house.owner, house.project, None, 9)
    with pytest.raises(NoSuchDecision):
        await reports.decision(house.owner, house.project, uuid4())
    for asked in (
        reports.report(stranger, house.project),
        reports.decisions(stranger, house.project, None, 9),
        reports.decision(stranger, house.project, offer.decision_id),
        reports.policy(stranger, house.project),
        reports.set_policy(stranger, house.project, policy),
    ):
        with pytest.raises(NoSuchProject):
            await asked
