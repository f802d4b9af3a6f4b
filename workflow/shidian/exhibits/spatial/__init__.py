"""Exhibits of space: weights, Moran's I, spatial DID and its effects, rings, maps."""
