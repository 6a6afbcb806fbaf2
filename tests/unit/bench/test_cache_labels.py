"""What `./dev bench cache` measures with is what docs/semantic-cache.md says it is."""

from collections import Counter

from tests.bench.cache.labels import REWORDED, pairs
from tests.bench.cache.workload import REQUESTS, Stage, Why, workload


def test_the_labels_are_500_near_misses_and_200_of_the_same_meaning() -> None:
    assert Counter(pair.same for pair in pairs()) == {False: 500, True: 200}
    assert Counter((pair.part, pair.same) for pair in pairs())["held_out", False] == 250
    assert Counter(pair.kind for pair in pairs())[REWORDED] == 100


def test_no_pair_is_there_twice_and_none_is_of_equal_texts() -> None:
    texts = [(pair.made, pair.asked) for pair in pairs()]
    assert len(set(texts)) == len(texts)
    assert [pair for pair in pairs() if pair.made == pair.asked] == []


def test_the_workload_is_the_same_for_the_same_seed() -> None:
    first = workload(2_000)
    assert first == workload(2_000)
    assert first != workload(2_000, seed=7)


def test_the_workload_has_every_kind_of_wish_and_of_work() -> None:
    played = workload()
    assert len(played.asks) == REQUESTS
    assert {ask.why for ask in played.asks} == set(Why)
    assert {ask.stage for ask in played.asks} == set(Stage)
    assert [ask.at_s for ask in played.ahead] == sorted(ask.at_s for ask in played.ahead)


def test_equal_texts_mean_the_same_and_what_is_needed_was_asked_before() -> None:
    meanings: dict[tuple[Stage, str], tuple[object, ...]] = {}
    for position, ask in enumerate(workload().asks):
        assert all(need < position for need in ask.needs)
        if ask.prompt:
            assert meanings.setdefault((ask.stage, ask.prompt), ask.meaning) == ask.meaning
