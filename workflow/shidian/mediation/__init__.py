"""Mediation in the two-step form, with Sobel's test, the contribution share and a cluster bootstrap."""
