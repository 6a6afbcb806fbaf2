"""Which rows a commit writes, decided without a database (C3, C8, C13)."""

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.errors import BatchRejected, ClientClaimed, EpochChanged
from storage.log_plan import Batch, DocumentKey, Located, plan

KEY = DocumentKey(uuid4(), 3)
IDS = [UUID(int=number) for number in range(6)]


def batch(batch_id: UUID, *claims: int, actor: UUID | None = None) -> Batch:
    return Batch(batch_id, actor, "test", b"", claims=claims)


@given(st.lists(st.sampled_from(IDS)), st.dictionaries(st.sampled_from(IDS), st.integers(1, 10)), st.integers(10, 20))
def test_c8_new_batches_get_dense_numbers_and_known_ones_keep_theirs(
    submitted: list[UUID], known: dict[UUID, int], head_seq: int
) -> None:
    result = plan(
        KEY,
        [batch(batch_id) for batch_id in submitted],
        head_epoch=3,
        head_seq=head_seq,
        known={batch_id: Located(3, seq) for batch_id, seq in known.items()},
        claimed={},
    )
    new = list(dict.fromkeys(batch_id for batch_id in submitted if batch_id not in known))
    assert [(seq, row.batch_id) for seq, row in result.rows] == list(enumerate(new, head_seq + 1))
    assert result.committed.head_seq == head_seq + len(new)
    assert result.committed.seqs.keys() == set(submitted)
    assert all(result.committed.seqs[batch_id] == known[batch_id] for batch_id in submitted if batch_id in known)


def test_c13_another_epoch() -> None:
    with pytest.raises(EpochChanged) as caught:
        plan(KEY, [], head_epoch=4, head_seq=0, known={}, claimed={})
    assert caught.value.current == 4


def test_c13_a_batch_of_another_epoch() -> None:
    with pytest.raises(BatchRejected):
        plan(KEY, [batch(IDS[0])], head_epoch=3, head_seq=0, known={IDS[0]: Located(2, 9)}, claimed={})


def test_c3_whose_client_ids_are() -> None:
    ann, bob = IDS[4], IDS[5]
    ours = [batch(IDS[0], 1, 2, actor=ann), batch(IDS[1], 1, actor=ann)]
    result = plan(KEY, ours, head_epoch=3, head_seq=0, known={}, claimed={2: ann})
    assert result.claims == {1: ann, 2: ann}
    with pytest.raises(ClientClaimed) as caught:
        plan(KEY, [*ours, batch(IDS[2], 1, actor=bob)], head_epoch=3, head_seq=0, known={}, claimed={})
    assert caught.value.batch_id == IDS[2]
    with pytest.raises(ClientClaimed):
        plan(KEY, ours, head_epoch=3, head_seq=0, known={}, claimed={2: bob})


def test_c3_a_claim_of_a_batch_that_is_in_the_log_is_not_judged_again() -> None:
    ours = [batch(IDS[0], 1, actor=IDS[4])]
    result = plan(KEY, ours, head_epoch=3, head_seq=5, known={IDS[0]: Located(3, 2)}, claimed={1: IDS[4]})
    assert (result.rows, result.claims, result.committed.first_seq) == ([], {}, 2)
