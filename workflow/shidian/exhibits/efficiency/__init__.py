"""Exhibits on efficiency scores: levels, densities, intervals, sensitivity, productivity, second stage."""
