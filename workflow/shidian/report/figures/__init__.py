"""Figures: one module a kind, each with ``draw(figure, axes texts) -> matplotlib figure``."""
