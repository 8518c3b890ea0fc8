"""Documents that nobody thought of: whatever the schema allows is answered, or refused with a code of its own.

They come from hypothesis-graphql, which makes those of schemathesis. LINKAGE_TEST_CASES: so many for each seed.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis_graphql import from_schema, nodes
from starlette.testclient import TestClient

from linkage.serve import schema
from linkage.serve.settings import Limits, ServeSettings
from tests.serve import world
from tests.serve.conftest import connect

CASES = int(os.environ.get("LINKAGE_TEST_CASES", "60"))
WIDE = Limits(cost=10**9, bucket=10**12, fields=10**6, aliases=10**6, depth=20, tokens=10**6, root_fields=10**3)

SCALARS = {
    "DateTime": st.sampled_from(("2026-03-01T00:00:00+00:00", "2026-03-01", "never")).map(nodes.String),
    "Long": st.integers(-(2**63), 2**63).map(nodes.Int),
}


@pytest.fixture(scope="module", params=[WIDE, Limits(bucket=10**12)], ids=["wide", "usual"])
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The service over a world of its own, which documents may change."""
    site = world.build(tmp_path_factory.mktemp("generated"))
    with connect(site, ServeSettings(limits=request.param)) as client:
        yield client


@pytest.mark.parametrize("number", [1, 2, 3])
def test_whatever_the_schema_allows_is_answered_or_refused(number: int, service: TestClient) -> None:
    sdl = schema.sdl()
    seen: Counter[str] = Counter()

    @seed(number)
    @settings(
        max_examples=CASES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(from_schema(sdl, custom_scalars=SCALARS, allow_x00=False))
    def ask(document: str) -> None:
        response = service.post("/graphql", json={"query": document})
        found = response.json()
        errors = found.get("errors", [])
        assert all("code" in error["extensions"] for error in errors), document
        codes = {error["extensions"]["code"] for error in errors}
        assert "INTERNAL_SERVER_ERROR" not in codes, document
        assert response.status_code < 500 or codes <= {"TIMEOUT"}, document
        assert "data" in found or errors, document
        seen.update(codes or {"OK"})

    ask()
    assert seen["OK"], f"nothing was answered whole: {seen}"
    print(f"seed {number}: {dict(seen)}")
