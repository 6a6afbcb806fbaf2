"""Refused edits wait in bounded memory for PostgreSQL, and what cannot be kept is counted."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import pytest
from prometheus_client import CollectorRegistry

from realtime.kept_edits import KeptEdits
from realtime.metrics import HubMetrics
from services.proposals.service import Proposals
from storage.errors import DocumentMissing, StorageError, StoreAway
from storage.log import DocumentKey
from storage.tasks import beside
from sync.effects import Keep

KEY = DocumentKey(UUID(int=1), 1)
ANA = UUID(int=2)


class Wavering(Proposals):
    """Answers in turn with these."""

    def __init__(self, *answers: StorageError | bool) -> None:
        self.answers = list(answers)
        self.kept: list[Sequence[bytes]] = []
        self.done = asyncio.Event()

    async def keep(self, key: DocumentKey, author: UUID, reason: str, updates: Sequence[bytes], detail: str) -> bool:
        answer = self.answers.pop(0)
        if not self.answers:
            self.done.set()
        if isinstance(answer, StorageError):
            raise answer
        self.kept.append(updates)
        return answer


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


def figure(registry: CollectorRegistry, name: str) -> float | None:
    return registry.get_sample_value(f"storyforge_{name}_total")


async def test_what_postgres_does_not_take_now_is_offered_again(
    registry: CollectorRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("realtime.kept_edits.BACK_OFF_FIRST_S", 0.001)
    proposals = Wavering(StoreAway("gone"), StoreAway("gone"), True, False)
    edits = KeptEdits(proposals, HubMetrics(registry))
    edits.put(KEY, Keep(ANA, "schema.root", (b"one",), ""))
    edits.put(KEY, Keep(ANA, "schema.root", (b"one",), ""))
    async with beside(edits.run()):
        await asyncio.wait_for(proposals.done.wait(), 5)
    assert proposals.kept == [(b"one",), (b"one",)]
    assert (figure(registry, "proposals"), figure(registry, "proposals_lost")) == (1, 0)


async def test_what_does_not_fit_and_what_can_never_be_kept_is_counted(registry: CollectorRegistry) -> None:
    proposals = Wavering(DocumentMissing("gone"), True)
    edits = KeptEdits(proposals, HubMetrics(registry), waiting_bytes_max=6)
    for update in (b"four", b"two", b"2"):
        edits.put(KEY, Keep(ANA, "schema.root", (update,), ""))
    async with beside(edits.run()):
        await asyncio.wait_for(proposals.done.wait(), 5)
    assert proposals.kept == [(b"2",)]
    assert figure(registry, "proposals_lost") == 2
