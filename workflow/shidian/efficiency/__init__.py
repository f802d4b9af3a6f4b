"""Efficiency: SBM, directional and epsilon-based measures, productivity, and the uncertainty of scores."""

from shidian.efficiency.bootstrap import Bootstrap, bootstrap_scores
from shidian.efficiency.cleaning import clean
from shidian.efficiency.directional import directional_distance, nonradial_distance
from shidian.efficiency.epsilon_based import epsilon_based_measure
from shidian.efficiency.productivity import (
    directional_global_malmquist_luenberger,
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
    "directional_distance",
    "directional_global_malmquist_luenberger",
    "epsilon_based_measure",
    "global_malmquist_luenberger",
    "malmquist",
    "malmquist_luenberger",
    "measure",
    "nonradial_distance",
    "super_sbm",
]
