"""The cache over HTTP: why a take was offered or not, what it saved, and who may say what is used again."""

from uuid import UUID

import pytest

from services.cache.exact import Exact
from services.cache.model import Asked, Made
from services.cache.semantic import Semantic
from services.cache.service import Cache
from services.projects.model import Project
from storage.shelf import MemoryShelf
from storage.vectors import PostgresVectors
from sync import ids
from tests.integration.api.studio import Person, Studio, path
from tests.integration.cache.conftest import PRICE, terms_of
from tests.word_counter import WordCounter

PROMPT = "Mara in a red coat follows Elias. Slow dolly in, 35mm."
REORDERED = "Slow dolly in, 35mm. Mara in a red coat follows Elias."
NEAR_MISS = "Mara in a red coat follows Elias. Slow dolly out, 35mm."


def cache_of(studio: Studio) -> Cache:
    pool = studio.state.stores.pool
    semantic = Semantic(pool, PostgresVectors(pool), WordCounter(), threshold=0.6, shadow_share=0.0)
    return Cache(pool, Exact(MemoryShelf(lambda: 0.0)), semantic)


async def looked_up(studio: Studio, owner: Person, project: Project) -> tuple[Cache, UUID]:
    """A take, an offer of it, and a near-miss to which it was not offered; the id of the offer."""
    cache, terms = cache_of(studio), terms_of(project.id, owner.actor.user_id)

    async def make() -> Made:
        return Made({"media": "a" * 64}, PRICE)

    await cache.once(Asked(terms, PROMPT), make)
    offer = await cache.offer(Asked(terms, REORDERED))
    assert offer is not None
    assert await cache.offer(Asked(terms, NEAR_MISS)) is None
    return cache, offer.decision_id


async def test_it_is_told_why_a_take_was_offered_and_why_not(studio: Studio, ada: Person, bob: Person) -> None:
    project = await studio.project(ada, viewer=bob)
    _, offer_id = await looked_up(studio, ada, project)
    answer = await bob.http.get(f"{path(project)}/cache/lookups")
    assert answer.status_code == 200, answer.text
    refused, offered = answer.json()["lookups"]
    assert offered["id"] == ids.to_text("lkp", offer_id)
    assert (offered["verdict"], offered["differences"], offered["saves_micro"]) == ("offered", [], PRICE)
    assert (refused["verdict"], refused["saves_micro"]) == ("differs", 0)
    assert refused["differences"] == [{"slot": "move", "made": ["push-in"], "asked": ["pull-out"]}]
    assert refused["score"] > refused["threshold"] and refused["partition"] == offered["partition"]
    one = (await bob.http.get(f"{path(project)}/cache/lookups/{refused['id']}")).json()
    assert one == refused | {"made": PROMPT}


async def test_lookups_come_page_by_page(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    await looked_up(studio, ada, project)
    where = f"{path(project)}/cache/lookups"
    first = (await ada.http.get(where, params={"limit": 1})).json()
    second = (await ada.http.get(where, params={"limit": 1, "cursor": first["next"]})).json()
    assert [each["verdict"] for each in first["lookups"] + second["lookups"]] == ["differs", "offered"]


async def test_another_projects_lookup_is_not_there(studio: Studio, ada: Person, bob: Person) -> None:
    project, other = await studio.project(ada), await studio.project(bob)
    _, offer_id = await looked_up(studio, ada, project)
    lookup = ids.to_text("lkp", offer_id)
    answer = await bob.http.get(f"{path(other)}/cache/lookups/{lookup}")
    assert (answer.status_code, answer.json()["code"]) == (404, "cache.decision_missing")


async def test_what_was_saved_is_told_to_those_who_may_spend(studio: Studio, ada: Person, bob: Person) -> None:
    project = await studio.project(ada, viewer=bob)
    cache, offer_id = await looked_up(studio, ada, project)
    await cache.accept(project.id, "clip", offer_id)
    seen = (await ada.http.get(f"{path(project)}/cache")).json()
    assert (seen["offered"], seen["accepted"], seen["declined"]) == (1, 1, 0)
    figures = {each["layer"]: each for each in seen["figures"]}
    assert figures["none"]["spent_micro"] == figures["semantic"]["saved_micro"] == PRICE
    assert seen["false_hits"] == {"compared": 0, "different": 0, "share": 0.0, "at_most": 1.0}
    assert (await bob.http.get(f"{path(project)}/cache")).json() == seen | {"figures": []}


async def test_the_owner_says_what_is_used_again_and_the_audit_log_knows(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    where = f"{path(project)}/cache/policy"
    first = await ada.http.get(where)
    assert first.json() == {"mode": "suggest", "prepares_ahead": False}, "nothing is prepared unless somebody agreed"
    wanted = {"mode": "exact", "prepares_ahead": True}
    put = await ada.http.put(where, json=wanted, headers={"If-Match": first.headers["etag"]})
    assert (put.status_code, put.json()) == (200, wanted)
    late = await ada.http.put(where, json={"mode": "off"}, headers={"If-Match": first.headers["etag"]})
    assert late.status_code == 412 and (await ada.http.get(where)).json() == wanted
    log = (await ada.http.get(f"{path(project)}/audit")).json()["entries"]
    assert log[0]["action"] == "project.cache_set"


@pytest.mark.parametrize("body", [{}, {"mode": "always"}, {"mode": "off", "prepares_ahead": "perhaps"}, {"mode": None}])
async def test_a_policy_has_a_form(studio: Studio, ada: Person, body: dict[str, object]) -> None:
    project = await studio.project(ada)
    refused = await ada.http.put(f"{path(project)}/cache/policy", json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "field.invalid")
