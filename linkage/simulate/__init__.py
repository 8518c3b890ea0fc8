"""The public benchmark: a world of honest accounts, planted rings and look-alikes, made from a seed."""

from linkage.simulate.simulation import SimulationReport, simulate

__all__ = ["SimulationReport", "simulate"]
