"""A night killed at a hundred random moments, and its Neo4j at twenty: after the rerun all is as if undisturbed.

Run: python tests/benchmarks/bench_killed.py [--quick]

It is the test of the same name, taken further; with --quick, ten and two. It ends with the test's own status.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def main() -> int:
    """Runs the tests; returns their status."""
    kills, servers = ("10", "2") if "--quick" in sys.argv[1:] else ("100", "20")
    environ = os.environ | {"LINKAGE_TEST_KILLS": kills, "LINKAGE_TEST_SERVER_KILLS": servers}
    command = [sys.executable, "-m", "pytest", "tests/jobs/test_night_killed.py", "-k", "killed", "--timeout", "0"]
    return subprocess.run([*command, "--durations", "0"], cwd=ROOT, env=environ, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
