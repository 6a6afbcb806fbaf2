"""Mail that could not be sent at once: again by a worker, by one at a time, and given up in the end."""

import asyncio
import time
from datetime import timedelta
from uuid import UUID

import pytest
import pytest_asyncio
from prometheus_client import CollectorRegistry

from jobs.mail_round import MailRound
from jobs.metrics import WorkerMetrics
from services.invitations.errors import NoSuchInvitation
from services.invitations.letters import KIND, InvitationLetters
from services.mail.postman import ATTEMPTS_MAX, LEASE, Postman
from storage.mail import Mail
from storage.tables import mail as rows
from tests.integration.invitations.test_invitations import URL, House, Postbox, house

__all__ = ["house"]


@pytest_asyncio.fixture(autouse=True)
async def _nothing_waits(house: House) -> None:
    await house.pool.execute("delete from outgoing_mail")


def postman_of(house: House, postbox: Postbox | None = None) -> Postman:
    return Postman(house.pool, postbox or house.postbox, {KIND: InvitationLetters(URL)})


async def states(house: House) -> list[tuple[str, int]]:
    found = await house.pool.fetch("select state, attempt from outgoing_mail order by created_at")
    return [(row["state"], row["attempt"]) for row in found]


async def unsent(house: House, email: str = "zoe@elsewhere.test") -> UUID:
    """An invitation that was made while nobody took mail."""
    house.postbox.is_away = True
    made = await house.invitations.invite(house.owner, house.target, email, "viewer", time.time())
    house.postbox.is_away = False
    assert made.sent_at is None
    return made.id


async def due(house: House) -> None:
    await house.pool.execute("update outgoing_mail set due_at = now()")


async def test_what_failed_is_sent_by_a_worker_later(house: House) -> None:
    await unsent(house)
    assert await states(house) == [("waiting", 1)]
    metrics = WorkerMetrics(CollectorRegistry())
    worker = MailRound(postman_of(house), metrics)
    await worker.round()
    assert house.postbox.taken == [], "not before it is due again"
    await due(house)
    await worker.round()
    [mail] = house.postbox.taken
    assert mail.to == "zoe@elsewhere.test" and await states(house) == [("sent", 2)]
    assert metrics.mail.labels("sent")._value.get() == 1
    [row] = await house.invitations.invitations(house.owner, house.target)
    assert row.sent_at is not None
    assert (await house.invitations.look(house.postbox.token, time.time())).row.id == row.id
    await due(house)
    await worker.round()
    assert len(house.postbox.taken) == 1


async def test_no_mail_without_its_invitation_and_none_the_other_way_round(house: House) -> None:
    made = await house.invitations.invite(house.owner, house.target, "zoe@elsewhere.test", "viewer", time.time())
    stored = await house.pool.fetchval("select o::text from outgoing_mail o where subject_id = $1", made.id)
    assert house.postbox.token not in stored and made.email not in stored
    with pytest.raises(NoSuchInvitation):
        await house.invitations.look("join_unknown", time.time())
    await house.pool.execute("delete from invitations where id = $1", made.id)
    assert await states(house) == []


async def test_two_workers_send_it_once(house: House) -> None:
    await unsent(house)
    await due(house)
    workers = [MailRound(postman_of(house), WorkerMetrics(CollectorRegistry())) for _ in range(4)]
    await asyncio.gather(*(worker.round() for worker in workers))
    assert len(house.postbox.taken) == 1


async def test_who_dies_with_it_in_hand_loses_it_when_the_lease_is_over(house: House) -> None:
    await unsent(house)
    await due(house)
    dead = await rows.lease(house.pool, LEASE, None)
    assert dead is not None
    assert await postman_of(house).take() is None, "within the lease it is nobody else's"
    await due(house)
    assert await postman_of(house).take() == "sent"
    await rows.settle(house.pool, dead, "dead", "too late")
    await rows.hand_back(house.pool, dead, timedelta(), "too late")
    assert await states(house) == [("sent", 3)], "who lost it cannot say what became of it"


async def test_it_is_given_up_after_so_many_attempts(house: House) -> None:
    await unsent(house)
    away = Postbox(is_away=True)
    waits = []
    for attempt in range(2, ATTEMPTS_MAX + 1):
        await due(house)
        assert await postman_of(house, away).take() == ("dead" if attempt == ATTEMPTS_MAX else "again")
        waits.append(await house.pool.fetchval("select extract(epoch from due_at - now()) from outgoing_mail"))
    assert [round(float(wait) / 30) for wait in waits[:-1]] == [4, 16, 64, 256]
    await due(house)
    assert await postman_of(house).take() is None
    assert await states(house) == [("dead", ATTEMPTS_MAX)]
    await postman_of(house).tidy()
    assert await states(house) == [("dead", ATTEMPTS_MAX)], "somebody has to look at it"


async def test_what_nobody_wants_any_more_is_not_sent(house: House) -> None:
    await house.invitations.revoke(house.owner, await unsent(house))
    await due(house)
    assert await postman_of(house).take() == "dropped"
    again = await unsent(house, "yan@elsewhere.test")
    await house.invitations.resend(house.owner, again, time.time())
    assert await states(house) == [("dropped", 2), ("dropped", 1), ("sent", 1)]
    await due(house)
    assert await postman_of(house).take() is None and len(house.postbox.taken) == 1


class Slow(Postbox):
    """Takes a mail, and then does not answer."""

    async def send(self, mail: Mail) -> None:
        await super().send(mail)
        await asyncio.Event().wait()


async def test_a_sender_that_never_answers_is_not_waited_for(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.mail.postman.SEND_TIMEOUT_S", 0.05)
    await unsent(house)
    await due(house)
    assert await postman_of(house, Slow()).take() == "again"
