"""What makes a ring of observations, once each has its bits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from linkage.rank.verdict import Verdict


def _conduct(bits: float, size: int, **given: Any) -> Verdict:
    return Verdict(bits, (8.0,) * size, **{"volume": 2.0, "repertoire": 1.0, "signup": 3.0, **given})


def test_the_larger_a_community_the_less_it_may_owe_to_luck() -> None:
    assert not _conduct(8.0, 5).stands(9.0)
    assert _conduct(8.0, 20).stands(9.0)
    assert not _conduct(4.9, 10_000).stands(9.0)
    assert _conduct(9.0, 5, repertoire=0.0).stands(9.0)


def test_no_sum_makes_a_ring_of_what_speaks_against_one() -> None:
    assert not _conduct(20.0, 20, repertoire=-1.1, timing=4.0).stands(9.0)
    assert [_conduct(bits, 20, repertoire=-0.9, timing=4.0).stands(9.0) for bits in (8.9, 9.0)] == [False, True]
    assert not _conduct(20.0, 20, repertoire=-0.1, placed=True, pooled=True).stands(9.0)
    assert [_conduct(bits, 20, placed=True, pooled=True).stands(9.0) for bits in (8.9, 9.0)] == [False, True]
    assert _conduct(7.0, 20, placed=True, pooled=True, timing=2.0).stands(9.0)
    assert _conduct(7.0, 20, placed=True, pooled=True, one_purse=True).stands(9.0)
    assert _conduct(20.0, 20, repertoire=-0.1, fresh=True).stands(9.0)
    assert not _conduct(20.0, 20, volume=0.9).stands(9.0)
    assert [_conduct(20.0, 20, volume=0.9, record=2.0, hits=hits).stands(9.0) for hits in (1, 2)] == [False, True]
    assert not _conduct(20.0, 20, run=False).stands(9.0)
    assert _conduct(20.0, 20, run=False, fresh=True).stands(9.0)


def test_an_agency_runs_accounts_from_one_place_and_asks_for_less_than_a_ring() -> None:
    agency = Verdict(15.0, (5.0,) * 40, volume=2.5, repertoire=1.0, signup=4.0, timing=4.0, placed=True, one_purse=True)
    assert not agency.stands(9.0)
    assert replace(agency, placed=False).stands(9.0)
    assert replace(agency, volume=3.0).stands(9.0)
    assert replace(agency, pooled=True).stands(9.0)
    assert replace(agency, record=4.0, hits=2).stands(9.0)
    assert not replace(agency, record=4.0, hits=1).stands(9.0)  # one of forty may be banned for anything
    assert not replace(agency, volume=3.0, repertoire=-0.5).stands(9.0)
    assert replace(agency, pooled=True, repertoire=-0.5).stands(9.0)


def test_several_who_were_banned_outweigh_what_the_others_ask() -> None:
    banned = {"repertoire": -3.0, "record": 2.0}
    assert [_conduct(20.0, 20, **banned, hits=hits).stands(9.0) for hits in (2, 3)] == [False, True]
    assert not _conduct(20.0, 20, repertoire=-3.0, record=1.9, hits=3).stands(9.0)
    assert [_conduct(bits, 20, **banned, hits=3).stands(9.0) for bits in (6.9, 7.0)] == [False, True]
    assert not _conduct(8.9, 20, **banned, hits=3, placed=True, pooled=True).stands(9.0)


def test_a_staff_at_its_workplace_is_a_ring_by_its_record_alone() -> None:
    staff = Verdict(
        20.0, (8.0,) * 40, volume=4.0, repertoire=3.0, signup=4.0, timing=4.0, placed=True, pooled=True, at_work=True
    )
    assert not staff.stands(9.0)
    assert replace(staff, at_work=False).stands(9.0)
    assert replace(staff, placed=False).stands(9.0)
    assert [replace(staff, record=2.0, hits=hits).stands(9.0) for hits in (1, 2)] == [False, True]
