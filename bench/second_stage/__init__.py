"""What a policy's effect on efficiency scores recovers of its effect on true efficiency, by the remedy for their bias.

``make second-stage`` measures the cities of 500 simulated worlds of each design (``green_innovation_cities``: 280
cities, 15 years), other remedies in the first 68 of them, keeps what it found in results/second_stage.jsonl, so
that a run that was stopped goes on, writes docs/second_stage.md, and fails where the recommended column does. A world
takes 0.6 seconds of one core, its bootstraps 2 more.
"""
