"""Benchmarks: ratios against a peer, measured side by side in one run, every library on one thread."""

import os

for _name in ("OMP", "OPENBLAS", "MKL", "NUMBA", "RAYON"):
    os.environ[f"{_name}_NUM_THREADS"] = "1"
