"""shidian (试点): evaluate China's pilot policies from raw statistical yearbooks to the finished paper.

The package holds pure functions; it knows nothing of Snakemake. Imports run one way:
yearbook -> panel -> indicators, efficiency -> estimators -> exhibits -> report, audit.
"""
