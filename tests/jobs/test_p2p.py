"""The p2p payment platform, real and public: known answers, and rings among families.

Facts from Neo4j's demo-fraud-detection-with-p2p (ODC-BY), re-shaped; see its README for the known answers.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from linkage.jobs.detect import detect
from linkage.jobs.load import load
from linkage.jobs.site import Site
from linkage.model.kinds import BY_NAME, Facet
from linkage.model.rings import Role

from .conftest import site_at

_BESIDE = Path(__file__).parents[3] / "shared" / "data"
FACTS = Path(os.environ.get("LINKAGE_SHARED_DATA", _BESIDE)) / "p2p" / "facts"

pytestmark = pytest.mark.skipif(
    not FACTS.is_dir(), reason="the p2p data set is not beside this checkout, nor in LINKAGE_SHARED_DATA"
)

KNOWN = {"payment": (8490, 8185, 31, 274), "device": (2745, 2655, 2, 88)}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Returns a store with the platform's facts and its rings."""
    made = site_at(tmp_path_factory.mktemp("p2p"))
    (report,) = load(made, FACTS)
    assert (report.rejected, report.counts["accounts"]) == (0, 33_732)
    detect(made)
    return made


@pytest.mark.parametrize("kind", KNOWN)
def test_shared_things_split_as_is_known(site: Site, kind: str) -> None:
    with site.working.read() as con:
        (found,) = con.execute(
            """
            WITH used AS (SELECT DISTINCT key, account FROM use WHERE kind = ?),
            known AS (SELECT DISTINCT account FROM label WHERE label = 'abuse'),
            thing AS (SELECT count(*) AS users, count(known.account) AS labelled
                      FROM used LEFT JOIN known USING (account) GROUP BY key HAVING count(*) > 1)
            SELECT count(*), count(*) FILTER (labelled = 0), count(*) FILTER (labelled = users),
                count(*) FILTER (labelled BETWEEN 1 AND users - 1) FROM thing
            """,
            [BY_NAME[kind].code],
        ).fetchall()
        weighed = con.execute(
            "SELECT count(*), max(degree) FROM identifier WHERE kind = ? AND degree > 1", [BY_NAME[kind].code]
        ).fetchall()
    assert found == KNOWN[kind]
    assert weighed == [(KNOWN[kind][0], 10 if kind == "payment" else 52)]


def test_rings_are_found_and_families_are_kept_out(site: Site) -> None:
    with site.open() as store:
        rings = store.rings()
        members = store.all_members([Role.CORE, Role.MEMBER])
    assert rings
    assert all(ring.size >= 5 and set(ring.facets) >= {Facet.PAYMENT, Facet.DEVICE} for ring in rings)
    # 10,799 accounts share a card or a device; no ring stands on one of the two, as a family or a lent phone does
    assert len(members) == sum(ring.size for ring in rings) < 200
