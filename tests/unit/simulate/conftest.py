"""One small world for all tests of the simulator."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from linkage.simulate import SimulationReport, simulate
from linkage.simulate.world import World, build

ACCOUNTS, SEED = 3_000, 7


@dataclass(frozen=True)
class Made:
    """A world on disk and its tables."""

    folder: Path
    report: SimulationReport
    world: World

    def facts(self, name: str) -> pd.DataFrame:
        return pd.read_parquet(self.folder / "facts" / f"{name}.parquet")

    @property
    def truth(self) -> pd.DataFrame:
        return pd.read_parquet(self.folder / "truth" / "truth.parquet")


@pytest.fixture(scope="session")
def made(tmp_path_factory) -> Made:
    folder = tmp_path_factory.mktemp("world")
    return Made(folder, simulate(folder, ACCOUNTS, SEED), build(ACCOUNTS, SEED))
