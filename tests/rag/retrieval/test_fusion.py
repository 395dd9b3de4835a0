"""Fusing legs: weights count, sure legs decide, the order is stable."""

from __future__ import annotations

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from apps.rag.fusion import FEW_HITS, SIGNALS, earned, fuse, scaled, signals, trust
from apps.rag.types import Hit


def hits(*scores: tuple[int, float]) -> list[Hit]:
    return [Hit(UUID(int=number), UUID(int=0), 1, score) for number, score in scores]


def order(legs: dict[str, list[Hit]], weights: dict[str, float]) -> list[int]:
    return [one.hit.chunk_id.int for one in fuse(legs, weights)]


def test_a_leg_of_weight_0_adds_no_candidates() -> None:
    legs = {"sparse": hits((1, 9.0)), "dense": hits((2, 0.9))}
    assert order(legs, {"sparse": 1.0, "dense": 0.0}) == [1]


def test_a_flat_leg_leaves_the_decision_to_a_sure_one() -> None:
    sparse = hits((1, 10.0), (2, 9.9), (3, 9.8))
    dense = hits((3, 0.9), (2, 0.3), (1, 0.2))
    assert order({"sparse": sparse, "dense": dense}, {"sparse": 0.5, "dense": 0.5})[0] == 3
    sure = hits((1, 10.0), (2, 1.0), (3, 0.9))
    near = hits((3, 0.90), (2, 0.89), (1, 0.88))
    assert order({"sparse": sure, "dense": near}, {"sparse": 0.5, "dense": 0.5})[0] == 1


def test_raw_scores_of_each_leg_are_kept() -> None:
    fused = fuse({"sparse": hits((1, 4.0)), "dense": hits((1, 0.5), (2, 0.4))}, {"sparse": 0.5, "dense": 0.5})
    assert [dict(one.legs) for one in fused] == [{"sparse": 4.0, "dense": 0.5}, {"dense": 0.4}]


def test_equals_keep_one_order_whatever_the_legs_said_first() -> None:
    assert order({"sparse": hits((2, 1.0), (1, 1.0))}, {"sparse": 1.0}) == [1, 2]


def test_few_dense_hits_are_not_spread_to_zero() -> None:
    assert scaled("dense", hits((1, 0.80), (2, 0.78)))[1] > 0.9
    many = hits(*((i, 0.8 - i * 0.01) for i in range(FEW_HITS)))
    assert scaled("dense", many)[-1] == 0.0


def test_nothing_fuses_to_nothing() -> None:
    assert fuse({}, {"sparse": 1.0}) == []
    assert fuse({"sparse": []}, {"sparse": 1.0}) == []


@given(
    st.lists(st.tuples(st.integers(0, 30), st.floats(-1, 1)), unique_by=lambda pair: pair[0], max_size=30),
    st.lists(st.tuples(st.integers(0, 30), st.floats(0, 50)), unique_by=lambda pair: pair[0], max_size=30),
    st.floats(0.01, 1),
)
def test_scores_stay_in_0_to_1_and_fall(
    dense: list[tuple[int, float]], sparse: list[tuple[int, float]], weight: float
) -> None:
    fused = fuse(
        {"dense": hits(*dense), "sparse": hits(*sparse)}, {"dense": weight, "sparse": 1 - weight / 2}
    )
    scores = [one.score for one in fused]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 + 1e-9 for score in scores)
    assert len({one.hit.chunk_id for one in fused}) == len(fused)


def leg(first: int, top: float, last: float, *, count: int = 30) -> list[Hit]:
    step = (top - last) / (count - 1)
    return hits(*((first + number, top - number * step) for number in range(count)))


def test_words_are_trusted_where_their_best_hit_stands_out_and_is_meant() -> None:
    meant = leg(1, 0.5, 0.2)
    sure = [*hits((1, 30.0)), *leg(2, 8.0, 2.0)]
    flat = leg(100, 9.0, 7.0)
    assert 0 < trust({"sparse": flat, "dense": meant}) < 0.4 < trust({"sparse": sure, "dense": meant}) < 1


def test_trust_needs_two_legs_to_compare() -> None:
    assert trust({"sparse": leg(1, 9.0, 1.0)}) == trust({}) == 1.0
    assert trust({"dense": leg(1, 0.5, 0.1)}) == 0.0


def test_signals_are_shares_however_few_hits_there_are() -> None:
    for sparse, dense in ((hits((1, 3.0)), hits((2, 0.3))), (leg(1, 9.0, 1.0), leg(1, 0.6, 0.1))):
        found = signals(sparse, dense)
        assert tuple(found) == SIGNALS and all(0 <= value <= 1 for value in found.values())


def test_trust_moves_weight_between_two_legs_alone() -> None:
    both = {"dense": 0.5, "sparse": 0.5}
    assert earned(both, 0.5) == both
    assert earned(both, 0.1) == {"dense": 0.9, "sparse": 0.1}
    assert earned({"sparse": 1.0}, 0.1) == {"sparse": 1.0}
    assert earned({"dense": 1.0, "sparse": 0.0}, 0.9) == {"dense": 1.0, "sparse": 0.0}
