"""Scores of random exports against scikit-learn, scipy and the definitions, account by account."""

from itertools import count

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import adjusted_rand_score, confusion_matrix, precision_recall_fscore_support

from linkage.evaluate.scoring import score

account = st.tuples(
    st.sampled_from(["", "op1", "op2", "op3"]),
    st.sampled_from(["c1", "c2"]),
    st.sampled_from(["office", "family", "bystander"]),
    st.sampled_from(["lazy", "careful"]),
    st.sampled_from(["", "r1", "r2", "r3"]),
    st.sampled_from(["core", "member", "bystander"]),
)
OPERATOR = {"r1": "x", "r2": "x", "r3": "y"}
CAMPAIGN = {"r1": "k1", "r2": "k2", "r3": "k2"}


def frames(rows):
    """The truth of the accounts and the members among them; fakes have no innocent context."""
    truth, members = [], []
    for number, (operator, campaign, context, evader, ring, role) in enumerate(rows):
        name = f"a{number}"
        fake = operator != ""
        truth.append((name, operator, campaign if fake else "", "ring" if fake else context, evader if fake else ""))
        if ring:
            members.append((name, ring, role, OPERATOR[ring], CAMPAIGN[ring]))
    columns = ["account_id", "ring_id", "role", "operator_id", "campaign_id"]
    return (
        pd.DataFrame(members, columns=columns),
        pd.DataFrame(truth, columns=["account_id", "operator", "campaign", "context", "evader"]),
    )


@settings(deadline=None)
@given(st.lists(account, min_size=2, max_size=60))
def test_scores_are_those_of_scikit_learn(rows):
    members, truth = frames(rows)
    scores = score(members, truth, 0.0)
    acted = members[members["role"] != "bystander"].set_index("account_id")
    flagged = truth["account_id"].isin(acted.index)
    fake = truth["operator"] != ""
    if flagged.any() and fake.any():
        precision, recall, f1, _ = precision_recall_fscore_support(fake, flagged, average="binary", zero_division=0)
        found = scores.accounts
        assert (found.precision, found.recall, found.f1) == pytest.approx((precision, recall, f1))
    for evader, group in scores.evaders.items():
        here = truth["evader"] == evader
        assert (group.accounts, group.found) == (here.sum(), (here & flagged).sum())
    (_, wrong), _ = confusion_matrix(fake, flagged, labels=[False, True])
    assert scores.innocents.flagged == wrong == sum(group.flagged for group in scores.contexts.values())


@settings(deadline=None)
@given(st.lists(account, min_size=2, max_size=60))
def test_operators_agree_as_scikit_learn_says(rows):
    members, truth = frames(rows)
    hits = truth.merge(members[members["role"] != "bystander"], on="account_id")
    alone = count()
    owners = [operator or f"alone {next(alone)}" for operator in hits["operator"]]
    scores = score(members, truth, 0.0)
    if len(hits) > 1:
        assert scores.operators.ari == pytest.approx(adjusted_rand_score(owners, hits["operator_id"]))
        assert scores.rings.ari == pytest.approx(adjusted_rand_score(owners, hits["ring_id"]))


@settings(deadline=None)
@given(st.lists(account, min_size=1, max_size=60))
def test_recovery_attribution_and_bystanders_by_their_definitions(rows):
    members, truth = frames(rows)
    acted = members[members["role"] != "bystander"]
    scores = score(members, truth, 0.0)
    clusters = [set(group["account_id"]) for by in ("ring_id", "operator_id") for _, group in acted.groupby(by)]
    groups = [set(group["account_id"]) for name, group in truth.groupby("operator") if name and len(group) >= 5]
    recovered = [any(2 * len(group & one) >= len(group | one) for one in clusters) for group in groups]
    assert (scores.operator_recovery.accounts, scores.operator_recovery.found) == (len(groups), sum(recovered))
    fakes = truth[truth["operator"] != ""].merge(acted, on="account_id")
    gains = pd.crosstab(fakes["campaign"], fakes["campaign_id"]).to_numpy()
    right = gains[linear_sum_assignment(-gains)].sum() if gains.size else 0
    assert (scores.campaigns.accounts, scores.campaigns.found) == (len(fakes), right)
    crowd = truth[(truth["context"] == "bystander")]["account_id"]
    named = members[members["role"] == "bystander"]["account_id"]
    assert scores.bystanders_flagged.found == crowd.isin(acted["account_id"]).sum()
    assert scores.bystanders_named.found == crowd.isin(named).sum()
    honest = truth[truth["operator"] == ""]["account_id"]
    assert (scores.bystanders.accounts, scores.bystanders.found) == (len(named), honest.isin(named).sum())


def test_the_worst_context_is_that_of_a_crowd():
    sizes = {"office": 1000, "school": 2000, "café": 10}
    names = [f"{context}-{n}" for context, size in sizes.items() for n in range(size)]
    truth = pd.DataFrame({"account_id": names, "operator": "", "campaign": "", "evader": ""})
    truth["context"] = [name.split("-")[0] for name in names]
    wrong = [*names[:3], *names[1000:1004], *names[-9:]]
    members = pd.DataFrame({"account_id": wrong, "ring_id": "r", "role": "core", "operator_id": "o", "campaign_id": ""})
    scores = score(members, truth, 0.0)
    assert scores.worst_context is not None
    name, group = scores.worst_context
    assert (name, group.per_10000) == ("office", pytest.approx(30.0))
    worst = {"context": "office", "accounts": 1000, "flagged": 3, "per_10000": pytest.approx(30.0)}
    assert scores.as_dict()["worst_context"] == worst
    few = score(members.iloc[-9:], truth.iloc[-10:], 0.0)
    assert few.worst_context is None
    assert few.as_dict()["worst_context"] is None
    assert np.isclose(few.contexts["café"].per_10000 or 0, 9000)
