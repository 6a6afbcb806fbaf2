"""The project page: which models may be asked, and what moderation objected to, with an appeal and how it ended."""

import time
from pathlib import Path
from uuid import UUID

import pytest
from playwright.async_api import expect

from deploy.local.environment import STORES, recall
from services.safety.errors import PromptRefused
from services.safety.model import Passage
from services.safety.policy import newest
from services.safety.service import Asked, Moderation
from services.users.model import Actor
from storage.postgres import open_pool
from sync import ids
from tests.browser.conftest import Studio
from tests.browser.test_episodes import series
from tests.browser.visitors import DESK, PHONE, Visits, ask, overflows

SIZES = pytest.mark.parametrize(("size", "name"), [(DESK, "desk"), (PHONE, "phone")])


@SIZES
async def test_an_owner_says_which_models_are_asked(
    visits: Visits, studio: Studio, size: tuple[int, int], name: str
) -> None:
    ana = await visits.sign_in("Ana", size, strict=False)
    async with series(ana, studio, f"Models, {name}") as project:
        await ana.goto(f"{studio.url}/project/{project}")
        part = ana.get_by_role("region", name="Models", exact=True)
        await part.get_by_label("Asked alone (empty: all)").fill("kling, runway/gen4.5")
        await part.get_by_label("Where they compute (empty: anywhere)").fill("Nowhere!")
        await part.get_by_role("button", name="Save the rules about models").click()
        await expect(part.locator(".field-problem").filter(has_text="match pattern")).to_be_visible()
        await part.get_by_label("Where they compute (empty: anywhere)").fill("eu")
        await part.get_by_role("button", name="Save the rules about models").click()
        await expect(ana.locator("#announcements")).to_have_text("Saved. Runs that begin from now on keep to it.")
        kept = await ask(ana, "GET", f"/v1/projects/{project}/model-policy")
        assert kept == {"allow": ["kling", "runway/gen4.5"], "deny": [], "regions": ["eu"]}
        assert not await overflows(ana)


@SIZES
async def test_an_objection_is_appealed_and_the_outcome_is_told(
    visits: Visits, studio: Studio, tmp_path: Path, size: tuple[int, int], name: str
) -> None:
    ana = await visits.sign_in("Ana", size)
    async with series(ana, studio, f"Judged, {name}") as project:
        me = await ask(ana, "GET", "/v1/me")
        owner = Actor(ids.from_text("usr", me["id"]), me["name"], "#aa33bb", "person", "a test")
        async with open_pool(recall(studio.mail.parent)[STORES[0]], connections_max=2) as pool:
            moderation = Moderation(pool, newest())
            refused = await _refused(moderation, ids.from_text("prj", project), owner)
            await ana.goto(f"{studio.url}/project/{project}")
            row = ana.get_by_role("list", name="Objections").get_by_role("listitem")
            await expect(row).to_contain_text("A prompt was refused")
            await row.get_by_text("Appeal against it").click()
            await row.get_by_label("Why it is wrong").fill("It is the name of a band.")
            await row.get_by_role("button", name="Appeal", exact=True).click()
            await expect(row).to_contain_text("Appeal: It is the name of a band.")
            await expect(row).to_contain_text("an operator will decide")
            await expect(row.get_by_role("button")).to_have_count(0)
            await moderation.decide(frozenset({owner.user_id}), owner, refused, "overturned", "It is one.")
        await ana.reload()
        await expect(row).to_contain_text("overturned: it is allowed from now on: It is one.")
        await ana.screenshot(path=tmp_path / f"project-moderation-{name}.png", full_page=True)
        assert not await overflows(ana)


async def _refused(moderation: Moderation, project: UUID, owner: Actor) -> UUID:
    with pytest.raises(PromptRefused) as told:
        await moderation.prompt(Asked(project, owner.user_id, time.time()), [Passage("prompt", "hardcore sex")])
    return told.value.verdict_id
