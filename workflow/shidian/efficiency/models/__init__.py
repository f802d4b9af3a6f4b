"""Models that score efficiency for a panel, one file each: ``MODEL`` and ``measure(panel, model) -> Measured``."""
