"""Agreement of partitions against scikit-learn, and B-cubed against its definition, item by item."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score
from sklearn.metrics.cluster import pair_confusion_matrix

from linkage.evaluate.partitions import Contingency, agreement

partitions = st.integers(1, 40).flatmap(
    lambda n: st.tuples(
        st.lists(st.integers(0, 6), min_size=n, max_size=n), st.lists(st.integers(0, 6), min_size=n, max_size=n)
    )
)


def b_cubed_by_hand(truth, found):
    """The definition: for every item, compare the sets of its neighbours."""
    items = range(len(truth))
    precision, recall = [], []
    for i in items:
        cluster = {j for j in items if found[j] == found[i]}
        group = {j for j in items if truth[j] == truth[i]}
        precision.append(len(cluster & group) / len(cluster))
        recall.append(len(cluster & group) / len(group))
    p, r = sum(precision) / len(precision), sum(recall) / len(recall)
    return p, r, 2 * p * r / (p + r)


@settings(deadline=None)
@given(partitions)
def test_b_cubed_is_its_definition(pair):
    truth, found = map(np.array, pair)
    got = agreement(truth, found).b_cubed
    assert (got.precision, got.recall, got.f1) == pytest.approx(b_cubed_by_hand(truth, found))


@settings(deadline=None)
@given(partitions)
def test_adjusted_rand_is_scikit_learns(pair):
    truth, found = map(np.array, pair)
    got = agreement(truth, found).ari
    if len(truth) == 1:
        assert got is None
    else:
        assert got == pytest.approx(adjusted_rand_score(truth, found))


@settings(deadline=None)
@given(partitions)
def test_pairwise_is_scikit_learns_confusion_of_pairs(pair):
    truth, found = map(np.array, pair)
    (_, false_positive), (false_negative, true_positive) = pair_confusion_matrix(truth, found)
    got = agreement(truth, found).pairwise
    if true_positive + false_positive:
        assert got.precision == pytest.approx(true_positive / (true_positive + false_positive))
    else:
        assert got.precision is None
    if true_positive + false_negative:
        assert got.recall == pytest.approx(true_positive / (true_positive + false_negative))
    else:
        assert got.recall is None


@given(partitions)
def test_jaccard_is_that_of_the_sets(pair):
    truth, found = map(np.array, pair)
    cells = Contingency.of(truth, found)
    for c, k, value in zip(cells.truth, cells.found, cells.jaccard(), strict=True):
        group, cluster = set(np.flatnonzero(truth == c)), set(np.flatnonzero(found == k))
        assert value == pytest.approx(len(group & cluster) / len(group | cluster))


def test_a_million_items_in_two_thousand_groups_take_seconds_not_pairs():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2000, 1_000_000)
    got = agreement(truth, truth)
    assert got.ari == got.pairwise.f1 == 1.0
    assert got.b_cubed.f1 == pytest.approx(1.0)


def test_nothing_to_judge_is_none():
    got = agreement(np.array([], dtype=np.int64), np.array([], dtype=np.int64))
    assert (got.items, got.ari, got.pairwise.f1, got.b_cubed.f1) == (0, None, None, None)
