"""Credits over HTTP: wallets, who pays, budgets and holds, and who may look at them."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from services.billing.funds import grant
from services.billing.holds import reserve, settle
from services.billing.model import MICRO, Cost, Holder, HolderKind, Reservation
from services.billing.plans import PLANS
from services.billing.purchases import Purchases
from services.billing.service import Billing
from services.projects.model import Project
from services.users.model import TeamRole
from storage.tables import teams
from sync import ids
from tests.integration.api.studio import Person, Studio, path
from tests.stripe import StripeStub

STUDIO = PLANS["studio"].monthly


def wallet(person: Person) -> str:
    return f"/v1/wallets/{ids.to_text('usr', person.actor.user_id)}"


async def new_team(studio: Studio, owner: Person, **members: Person) -> str:
    """members: role=person."""
    team: str = (await owner.http.post("/v1/teams", json={"name": "Machines"})).json()["id"]
    for role, person in members.items():
        pool = studio.state.stores.pool
        await teams.set_team_member(pool, ids.from_text("team", team), person.actor.user_id, TeamRole(role).value)
    return team


async def held(studio: Studio, person: Person, project: Project, amount: int, actual: int | None = None) -> None:
    async with studio.state.stores.pool.acquire() as connection, connection.transaction():
        hold = await reserve(connection, Reservation(str(uuid4()), project.id, person.actor.user_id, amount, uuid4()))
        if actual is not None:
            await settle(connection, hold.id, Cost(actual, {"runway": actual // 2}))


async def test_a_plan_gives_its_allowance_with_the_first_hold_of_a_month(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    before = (await ada.http.get(wallet(ada))).json()
    assert (before["balance_micro"], before["allowance_due_micro"], before["plan"]) == (0, STUDIO, "studio")
    await held(studio, ada, project, 10 * MICRO)
    await held(studio, ada, project, 5 * MICRO, 2 * MICRO)
    after = (await ada.http.get(wallet(ada))).json()
    assert (after["balance_micro"], after["allowance_due_micro"]) == (STUDIO - 12 * MICRO, 0)
    assert (after["held_micro"], after["month_used_micro"]) == (10 * MICRO, 12 * MICRO)


async def test_a_project_tells_those_who_may_spend_what_is_left(studio: Studio, ada: Person, bob: Person) -> None:
    project = await studio.project(ada, editor=bob)
    await held(studio, bob, project, 10 * MICRO, 4 * MICRO)
    told = (await bob.http.get(f"{path(project)}/credits")).json()
    assert told["wallet"] == ids.to_text("usr", ada.actor.user_id)
    assert (told["balance_micro"], told["used_micro"], told["held_micro"]) == (STUDIO - 4 * MICRO, 4 * MICRO, 0)
    assert told["room"] == {"left_micro": STUDIO - 4 * MICRO, "by": "wallet"}
    budgets = [
        {"scope": "person", "person": None, "period": "month", "cap_micro": 10 * MICRO},
        {"scope": "run", "person": None, "period": "always", "cap_micro": 7 * MICRO},
    ]
    put = await ada.http.put(f"{path(project)}/budgets", json={"budgets": budgets})
    assert put.status_code == 200, put.text
    seen = (await bob.http.get(f"{path(project)}/budgets")).json()["budgets"]
    assert [(each["scope"], each["used_micro"]) for each in seen] == [("person", 4 * MICRO), ("run", None)]
    assert (await bob.http.get(f"{path(project)}/credits")).json()["room"] == {"left_micro": 6 * MICRO, "by": "person"}
    assert (await ada.http.get(f"{path(project)}/credits")).json()["room"] == {"left_micro": 7 * MICRO, "by": "run"}
    await ada.http.put(f"{path(project)}/budgets", json={"budgets": budgets[1:]})
    assert (await bob.http.get(f"{path(project)}/credits")).json()["room"]["by"] == "run"


@pytest.mark.parametrize(
    "budgets",
    [
        [{"scope": "run", "period": "month", "cap_micro": 1}],
        [{"scope": "project", "person": ids.to_text("usr", uuid4()), "cap_micro": 1}],
        [{"scope": "person", "person": ids.to_text("usr", uuid4()), "cap_micro": 1}],
        [{"scope": "project", "cap_micro": 1}, {"scope": "project", "cap_micro": 2}],
        [{"scope": "project", "cap_micro": -1}],
        [{"scope": "project", "cap_micro": 1}] * 251,
    ],
)
async def test_budgets_have_a_form(studio: Studio, ada: Person, budgets: list[dict[str, Any]]) -> None:
    project = await studio.project(ada)
    there = [{"scope": "project", "cap_micro": 5}]
    await ada.http.put(f"{path(project)}/budgets", json={"budgets": there})
    refused = await ada.http.put(f"{path(project)}/budgets", json={"budgets": budgets})
    assert refused.status_code == 422, refused.text
    assert refused.json()["code"] in ("budget.unfit", "field.invalid")
    assert [each["cap_micro"] for each in (await ada.http.get(f"{path(project)}/budgets")).json()["budgets"]] == [5]


async def test_holds_come_in_pages(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    for number in range(5):
        await held(studio, ada, project, (number + 1) * MICRO, number * MICRO if number % 2 else None)
    where, found = f"{path(project)}/holds?limit=2", []
    while where:
        page = await ada.http.get(where)
        found += page.json()["holds"]
        where = page.links["next"]["url"] if "next" in page.links else ""
    assert [each["amount_micro"] // MICRO for each in found] == [5, 4, 3, 2, 1]
    assert [each["state"] for each in found] == ["open", "settled", "open", "settled", "open"]
    assert found[1]["actual_micro"] == 3 * MICRO


async def test_a_wallet_is_its_holders(studio: Studio, ada: Person, bob: Person, cem: Person) -> None:
    team = await new_team(studio, ada, member=bob)
    wallets = {"team": f"/v1/wallets/{team}", "user": wallet(ada)}
    assert (await ada.http.get(wallets["team"])).json()["plan"] is None
    assert (await bob.http.get(wallets["team"])).status_code == 200
    for person, where in ((cem, "team"), (bob, "user"), (cem, "user")):
        answer = await person.http.get(wallets[where])
        assert (answer.status_code, answer.json()["code"]) == (404, "wallet.missing")
    assert (await studio.client().get(wallets["user"])).status_code == 401
    assert (await bob.http.patch(wallets["team"], json={"month_cap_micro": 5})).status_code == 403
    capped = await ada.http.patch(wallets["team"], json={"month_cap_micro": 5})
    assert capped.json()["month_cap_micro"] == 5
    assert (await ada.http.patch(wallets["team"], json={"month_cap_micro": None})).json()["month_cap_micro"] is None
    for nothing in ("prj_x", f"usr_{'z' * 26}", "scn_" + "0" * 26):
        assert (await ada.http.get(f"/v1/wallets/{nothing}")).status_code == 404


async def test_a_wallets_cap_ends_what_may_be_spent(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    await ada.http.patch(wallet(ada), json={"month_cap_micro": 9 * MICRO})
    await held(studio, ada, project, 4 * MICRO)
    told = (await ada.http.get(f"{path(project)}/credits")).json()
    assert told["room"] == {"left_micro": 5 * MICRO, "by": "wallet_month"}


async def test_a_team_may_pay_while_it_is_there(studio: Studio, ada: Person, bob: Person) -> None:
    project, team = await studio.project(ada), await new_team(studio, bob, admin=ada)
    foreign = await ada.http.put(f"{path(project)}/payer", json={"wallet": ids.to_text("usr", bob.actor.user_id)})
    assert (foreign.status_code, foreign.json()["code"]) == (403, "wallet.foreign")
    paid = await ada.http.put(f"{path(project)}/payer", json={"wallet": team})
    assert (paid.json()["wallet"], paid.json()["room"]) == (team, {"left_micro": 0, "by": "wallet"})
    assert (await bob.http.delete(f"/v1/teams/{team}")).status_code == 204
    told = (await ada.http.get(f"{path(project)}/credits")).json()
    assert told["wallet"] == ids.to_text("usr", ada.actor.user_id), "its owner, again"
    own = await ada.http.put(f"{path(project)}/payer", json={"wallet": ids.to_text("prj", project.id)})
    assert own.json()["wallet"] == ids.to_text("prj", project.id)
    other = await studio.project(ada)
    refused = await ada.http.put(f"{path(project)}/payer", json={"wallet": ids.to_text("prj", other.id)})
    assert refused.json()["code"] == "wallet.foreign"
    back = await ada.http.put(f"{path(project)}/payer", json={"wallet": None})
    assert back.json()["wallet"] == ids.to_text("usr", ada.actor.user_id)


async def test_credits_go_to_another_wallet_once(studio: Studio, ada: Person, bob: Person) -> None:
    team = await new_team(studio, ada, member=bob)
    async with studio.state.stores.pool.acquire() as connection, connection.transaction():
        await grant(connection, Holder(HolderKind.USER, bob.actor.user_id), 5 * MICRO, str(uuid4()))
    body, key = {"to": team, "amount_micro": 3 * MICRO}, {"Idempotency-Key": "gift"}
    assert (await bob.http.post(f"{wallet(bob)}/transfers", json=body, headers=key)).status_code == 200
    await studio.lose_answers(bob)
    again = await bob.http.post(f"{wallet(bob)}/transfers", json=body, headers=key)
    assert (again.status_code, again.json()["balance_micro"]) == (200, 2 * MICRO), again.text
    assert (await ada.http.get(f"/v1/wallets/{team}")).json()["balance_micro"] == 3 * MICRO
    short = await bob.http.post(f"{wallet(bob)}/transfers", json=body)
    assert (short.status_code, short.json()["code"]) == (402, "credits.short")
    assert (short.json()["limit"], short.json()["needed"]) == (2 * MICRO, 3 * MICRO)
    theirs = await bob.http.post(f"/v1/wallets/{team}/transfers", json=body | {"to": wallet(bob)[12:]})
    assert theirs.status_code == 403
    itself = await bob.http.post(f"{wallet(bob)}/transfers", json=body | {"to": wallet(bob)[12:], "amount_micro": 1})
    assert itself.status_code == 422


async def test_operators_give_credits_away(studio: Studio, ada: Person) -> None:
    body = {"amount_micro": MICRO, "reason": "an outage"}
    refused = await ada.http.post(f"{wallet(ada)}/grants", json=body)
    assert (refused.status_code, refused.json()["code"]) == (403, "operator.required")
    pool = studio.state.stores.pool
    operated = replace(studio, state=replace(studio.state, billing=Billing(pool, frozenset({ada.actor.user_id}))))
    async with operated.client(Authorization=f"Bearer {ada.session}") as operator:
        given = await operator.post(f"{wallet(ada)}/grants", json=body)
    assert given.json()["balance_micro"] == MICRO
    said = await pool.fetchrow(
        "select detail::jsonb->>'reason' as reason from audit_log where actor_id = $1 and action = 'credits.granted'",
        ada.actor.user_id,
    )
    assert said is not None and said["reason"] == "an outage"


async def test_plans_and_packs_are_told_to_everybody(studio: Studio) -> None:
    told = (await studio.client().get("/v1/plans")).json()
    assert [plan["tier"] for plan in told["plans"]] == ["free", "pro", "studio"]
    assert told["cashier"] == "local"
    assert told["packs"][0] == {"name": "small", "amount_micro": 1_000 * MICRO, "cents": 1_000}


async def test_what_is_done_is_in_the_audit_log(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    await ada.http.put(f"{path(project)}/budgets", json={"budgets": []})
    await ada.http.put(f"{path(project)}/payer", json={"wallet": None})
    log = (await ada.http.get(f"{path(project)}/audit")).json()["entries"]
    assert [entry["action"] for entry in log[:2]] == ["project.payer_set", "project.budgets_set"]
    assert datetime.fromisoformat(log[0]["at"]) <= datetime.now(UTC)


async def test_a_statement_over_http(studio: Studio, ada: Person, bob: Person) -> None:
    project, month = await studio.project(ada, editor=bob), f"{datetime.now(UTC):%Y-%m}"
    for _ in range(3):
        await held(studio, bob, project, 5 * MICRO, 2 * MICRO)
    where = f"{wallet(ada)}/statements/{month}"
    told = (await ada.http.get(where)).json()
    assert (told["opening_micro"], told["closing_micro"]) == (0, STUDIO - 6 * MICRO)
    assert [(each["kind"], each["amount_micro"]) for each in told["totals"]] == [
        ("grant", STUDIO),
        ("settlement", -6 * MICRO),
    ]
    assert [(each["title"], each["spent_micro"]) for each in told["projects"]] == [("Night train", 6 * MICRO)]
    assert [(line["by"], line["note"]) for line in told["lines"]] == [(None, "plan studio"), *[("Bob", "")] * 3]
    page = await ada.http.get(f"{where}?limit=2")
    rest = await ada.http.get(page.links["next"]["url"])
    assert page.json()["lines"] + rest.json()["lines"] == told["lines"]
    sheet = await ada.http.get(f"{where}/csv")
    assert sheet.headers["content-type"].startswith("text/csv")
    assert sheet.headers["content-disposition"].endswith(f'-{month}.csv"')
    assert len(sheet.text.splitlines()) == 1 + 1 + 4 + 1
    assert (await bob.http.get(where)).status_code == 404
    wrong = await ada.http.get(f"{wallet(ada)}/statements/2026-13")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "statement.month")


async def test_credits_are_bought_at_our_own_form(studio: Studio, ada: Person, bob: Person) -> None:
    key = {"Idempotency-Key": "one-pack"}
    begun = await ada.http.post(f"{wallet(ada)}/purchases", json={"pack": "small"}, headers=key)
    assert begun.status_code == 201, begun.text
    await studio.lose_answers(ada)
    again = await ada.http.post(f"{wallet(ada)}/purchases", json={"pack": "small"}, headers=key)
    assert again.json() == begun.json()
    purchase = begun.json()["purchase"]
    assert begun.json()["url"].endswith(f"/credits/{wallet(ada)[12:]}?pay={purchase['id']}")
    assert (await bob.http.post(f"/v1/purchases/{purchase['id']}/pay")).status_code == 404
    for _ in range(2):
        paid = await ada.http.post(f"/v1/purchases/{purchase['id']}/pay")
        assert (paid.status_code, paid.json()["state"]) == (200, "paid")
    assert (await ada.http.get(wallet(ada))).json()["balance_micro"] == 1_000 * MICRO
    assert [each["state"] for each in (await ada.http.get(f"{wallet(ada)}/purchases")).json()["purchases"]] == ["paid"]
    assert (await bob.http.get(f"{wallet(ada)}/purchases")).status_code == 404
    assert (await ada.http.post(f"/v1/purchases/{purchase['id']}/refund")).status_code == 403
    unknown = await ada.http.post(f"{wallet(ada)}/purchases", json={"pack": "enormous"})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "pack.unknown")


async def test_stripe_speaks_without_a_session_and_signs(studio: Studio, ada: Person) -> None:
    stub, pool = StripeStub(), studio.state.stores.pool
    sold = replace(studio, state=replace(studio.state, purchases=Purchases(pool, stub.cashier())))
    async with sold.client(Authorization=f"Bearer {ada.session}") as http:
        begun = await http.post(f"{wallet(ada)}/purchases", json={"pack": "small"})
    assert begun.json()["url"].startswith("https://checkout.stripe.test/")
    [session] = stub.sessions
    headers, body = stub.paid(session, studio.state.now())
    async with sold.client() as anybody:
        forged = await anybody.post("/v1/payments/stripe", content=body + b" ", headers=headers)
        assert (forged.status_code, forged.json()["code"]) == (400, "payment.signature")
        for _ in range(2):
            assert (await anybody.post("/v1/payments/stripe", content=body, headers=headers)).status_code == 204
        stub.away = True
    assert (await ada.http.get(wallet(ada))).json()["balance_micro"] == 1_000 * MICRO
    async with sold.client(Authorization=f"Bearer {ada.session}") as http:
        away = await http.post(f"{wallet(ada)}/purchases", json={"pack": "small"})
    assert (away.status_code, away.json()["code"], away.headers["retry-after"]) == (503, "payment.away", "2")
    assert "500" not in away.text, "what the cashier said is for our log"
