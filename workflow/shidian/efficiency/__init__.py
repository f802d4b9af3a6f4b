"""Efficiency: SBM and Super-SBM with undesirable outputs, productivity indices, and the uncertainty of scores."""

from shidian.efficiency.result import Efficiency
from shidian.efficiency.sbm import super_sbm

__all__ = ["Efficiency", "super_sbm"]
