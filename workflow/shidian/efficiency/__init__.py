"""Efficiency: SBM and Super-SBM with undesirable outputs, productivity, and the uncertainty of scores."""

from shidian.efficiency.bootstrap import Bootstrap, bootstrap_scores
from shidian.efficiency.cleaning import clean
from shidian.efficiency.productivity import (
    global_malmquist_luenberger,
    malmquist,
    malmquist_luenberger,
)
from shidian.efficiency.result import Efficiency
from shidian.efficiency.sbm import measure, super_sbm
from shidian.efficiency.technology import Technology, build_technology

__all__ = [
    "Bootstrap",
    "Efficiency",
    "Technology",
    "bootstrap_scores",
    "build_technology",
    "clean",
    "global_malmquist_luenberger",
    "malmquist",
    "malmquist_luenberger",
    "measure",
    "super_sbm",
]
