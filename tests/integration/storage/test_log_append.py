"""What one group commit writes and answers (C3, C8, C13), against the same rules in a few lines of Python."""

import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import asyncpg
import pytest

from storage.errors import BatchRejected, ClientClaimed, EpochChanged, LockedMeanwhile
from storage.log import Batch, DocumentKey, DocumentLog
from storage.tables.documents import note_lock

NewKey = Callable[[], Awaitable[DocumentKey]]


def batch(batch_id: UUID, *claims: int, actor: UUID | None = None, seen: int | None = None) -> Batch:
    return Batch(batch_id, actor, "test", b"x", claims=claims, seen=seen)


@dataclass
class Model:
    """One document as the rules say."""

    epoch: int = 1
    rows: dict[UUID, tuple[int, int]] = field(default_factory=dict)
    """batch -> epoch and sequence."""
    seq: int = 0
    locked_seq: int = 0
    owners: dict[tuple[int, int], UUID] = field(default_factory=dict)
    """epoch and client -> actor."""

    def append(self, key: DocumentKey, batches: Sequence[Batch]) -> dict[UUID, int] | type[Exception]:
        if key.epoch != self.epoch:
            return EpochChanged
        rows, owners, seq = dict(self.rows), dict(self.owners), self.seq
        for each in batches:
            if each.batch_id in rows:
                if rows[each.batch_id][0] != self.epoch:
                    return BatchRejected
                continue
            for client in each.claims:
                if each.actor is None or owners.setdefault((self.epoch, client), each.actor) != each.actor:
                    return ClientClaimed
            if each.seen is not None and each.seen < self.locked_seq:
                return LockedMeanwhile
            seq += 1
            rows[each.batch_id] = (self.epoch, seq)
        self.rows, self.owners, self.seq = rows, owners, seq
        return {each.batch_id: rows[each.batch_id][1] for each in batches}


@pytest.mark.parametrize("seed", range(12))
async def test_c8_group_commits_do_what_the_rules_say(
    pool: asyncpg.Pool, log: DocumentLog, new_key: NewKey, seed: int
) -> None:
    rng = random.Random(seed)
    models = {(await new_key()).document_id: Model() for _ in range(4)}
    people = [uuid4() for _ in range(3)]
    known = {document_id: [uuid4() for _ in range(8)] for document_id in models}

    def some_batches(document_id: UUID) -> list[Batch]:
        made = []
        for _ in range(rng.randrange(5)):
            claims = rng.sample(range(1, 6), rng.choice((0, 0, 1, 2)))
            seen = rng.choice((None, models[document_id].seq, rng.randint(0, models[document_id].seq)))
            batch_id = rng.choice([*known[document_id], uuid4()])
            made.append(batch(batch_id, *claims, actor=rng.choice(people), seen=seen))
        return made

    for _ in range(15):
        if rng.random() < 0.15:
            document_id = rng.choice(list(models))
            await pool.execute(
                "update documents set epoch = epoch + 1, seq = 0, locked_seq = 0 where id = $1", document_id
            )
            models[document_id].epoch += 1
            models[document_id].seq = models[document_id].locked_seq = 0
        if rng.random() < 0.3:
            document_id = rng.choice(list(models))
            models[document_id].locked_seq = models[document_id].seq
            await note_lock(pool, document_id, models[document_id].seq)
        groups: dict[DocumentKey, list[Batch]] = {}
        for document_id in rng.sample(list(models), rng.randint(1, 4)):
            epoch = models[document_id].epoch - (rng.random() < 0.1)
            groups[DocumentKey(document_id, epoch)] = some_batches(document_id)
        await _compare(log, models, groups)
    for document_id, model in models.items():
        written = [row.batch_id async for row in log.tail(document_id, model.epoch, 0)]
        ours = [(seq, batch_id) for batch_id, (epoch, seq) in model.rows.items() if epoch == model.epoch]
        assert written == [batch_id for _, batch_id in sorted(ours)]
        mine = {client: actor for (epoch, client), actor in model.owners.items() if epoch == model.epoch}
        assert await log.clients(document_id, model.epoch) == mine
        assert (await log.head(document_id)).seq == model.seq


async def _compare(
    log: DocumentLog, models: Mapping[UUID, Model], groups: Mapping[DocumentKey, Sequence[Batch]]
) -> None:
    expected = {key: models[key.document_id].append(key, batches) for key, batches in groups.items()}
    result = await log.append(groups)
    assert result.postponed == set()
    committed = {DocumentKey(one.document_id, one.epoch): one for one in result.committed}
    for key, outcome in expected.items():
        if isinstance(outcome, dict):
            assert committed[key].seqs == outcome
            assert committed[key].head_seq == models[key.document_id].seq
            assert committed[key].first_seq == min(outcome.values(), default=committed[key].head_seq + 1)
        else:
            assert type(result.rejected[key]) is outcome
    assert committed.keys() | result.rejected.keys() == groups.keys()
