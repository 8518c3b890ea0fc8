"""What a world holds: exact numbers, honest lives, rings that hide as they should, innocents that look alike."""

import numpy as np
import pandas as pd
import pytest

from linkage.simulate.campaigns import quota
from linkage.simulate.vocabulary import Context, Evader


def test_numbers_are_exact(made):
    truth = made.truth
    assert (truth["operator"] == "").sum() == 3000
    assert made.report.fakes == (truth["operator"] != "").sum() == 200
    assert truth["account_id"].is_unique
    assert set(truth["context"]) == set(Context.names())
    assert set(truth["evader"]) == {"", *Evader.names()[1:]}
    assert set(truth.loc[truth["operator"] == "", "campaign"]) == {""}
    assert (truth["campaign"] != "").sum() == 200


def test_tables_are_about_the_same_accounts(made):
    ids = set(made.truth["account_id"])
    assert set(made.facts("accounts")["account_id"]) == ids
    for name in ("requests", "payments", "identifiers", "labels"):
        assert set(made.facts(name)["account_id"]) <= ids
        assert len(made.facts(name)) == getattr(made.report, name)


def test_nobody_acts_before_being_made_or_after_a_ban(made):
    accounts = made.facts("accounts").set_index("account_id")
    labels = made.facts("labels")
    seen = made.facts("requests").groupby("account_id")["at"].agg(["min", "max"]).join(accounts)
    second = pd.Timedelta(seconds=1)
    assert (seen["min"] >= seen["created_at"] - second).all()
    bans = labels[labels["label"] == "abuse"].set_index("account_id")["at"]
    banned = seen.join(bans, how="inner")
    assert (banned["max"] <= banned["at"] + second).all()
    assert set(accounts.index[accounts["status"] == "terminated"]) == set(bans.index)
    assert not set(bans.index) <= set(made.truth.loc[made.truth["operator"] != "", "account_id"]), "bans may err"


def test_campaigns_come_to_their_quotas(made):
    asked = made.facts("requests").merge(made.truth, on="account_id")
    counts = asked[asked["campaign"] != ""].groupby("campaign").size().sort_index()
    assert counts.to_numpy() == pytest.approx(quota(200), rel=0.1)


def test_every_operator_has_one_way_of_hiding_and_only_the_network_has_all_campaigns(made):
    fakes = made.truth[made.truth["operator"] != ""]
    by = fakes.groupby("operator").agg({"evader": "nunique", "campaign": "nunique", "account_id": "size"})
    assert (by["evader"] == 1).all()
    proxied = set(fakes.loc[fakes["evader"] == "proxy", "operator"])
    assert len(proxied) == 1
    assert by.loc[list(proxied), "campaign"].to_list() == [3]
    small = fakes[fakes["evader"] == "small"].groupby("operator").size()
    assert small.between(5, 25).all()


def test_bystanders_share_exits_with_the_fakes_and_nothing_they_ask(made):
    asked = made.facts("requests").merge(made.truth, on="account_id")
    network, crowd = asked[asked["evader"] == "proxy"], asked[asked["context"] == "bystander"]
    assert set(network["ip"]) & set(crowd["ip"])
    cards = made.facts("payments").merge(made.truth, on="account_id")
    mine = cards.loc[cards["context"] == "bystander", "payment_id"]
    assert not set(mine) & set(cards.loc[cards["operator"] != "", "payment_id"])


def test_the_framed_copied_prompts_of_a_ring_and_sat_in_its_cafe(made):
    a = made.world.accounts
    framed = np.flatnonzero(a.context == Context.FRAMED)
    ring = a.operator >= 0
    assert len(framed) > 0
    assert np.isin(a.template[framed], a.template[ring]).all()
    assert np.isin(a.pool[framed, 2], a.pool[ring, 3]).all()


def test_no_single_figure_tells_the_fakes(made):
    """The best threshold on the number of requests, on shared cards or on shared addresses stays far from 1."""
    truth = made.truth.set_index("account_id")
    asked, cards = made.facts("requests"), made.facts("payments")
    people = asked.groupby("ip")["account_id"].transform("nunique")
    figures = {
        "requests": asked.groupby("account_id").size(),
        "shared cards": cards.groupby("payment_id")["account_id"].transform("size").groupby(cards["account_id"]).max(),
        "shared addresses": (people > 1).groupby(asked["account_id"]).mean(),
    }
    fake = truth["operator"] != ""
    for name, figure in figures.items():
        ranked = fake.to_frame("fake").join(figure.rename("value")).fillna(0).sort_values("value", ascending=False)
        hits = ranked["fake"].cumsum()
        f1 = 2 * hits / (np.arange(len(ranked)) + 1 + fake.sum())
        ends = ranked["value"] != ranked["value"].shift(-1)
        assert f1[ends].max() < 0.85, name


def test_innocents_share_templates_cards_and_devices_too(made):
    honest = set(made.truth.loc[made.truth["operator"] == "", "account_id"])
    cards = made.facts("payments")
    assert cards[cards["account_id"].isin(honest)]["payment_id"].duplicated().sum() > 100
    devices = made.facts("identifiers").query("kind == 'device'")
    assert devices[devices["account_id"].isin(honest)]["value"].duplicated().sum() > 20
    asked = made.facts("requests")
    heads = asked[asked["account_id"].isin(honest)]
    heads = heads.assign(head=heads["prompt"].str.extract(r"^(.*Your task:.*)\n")[0]).dropna(subset="head")
    assert (heads.groupby("head")["account_id"].nunique() > 5).sum() > 10


def test_a_campaign_turns_to_the_new_model_within_a_day(made):
    asked = made.facts("requests").merge(made.truth, on="account_id")
    big = asked[asked["campaign"] == "campaign-2"]
    share = (big["model"] == "model-next").groupby(big["at"].dt.day).mean()
    assert share.loc[:20].max() == 0
    assert share.loc[24:30].min() > 0.35
