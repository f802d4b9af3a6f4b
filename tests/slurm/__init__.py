"""The workflow on a real SLURM of three nodes on one machine."""
