"""Figures: one module a kind, each with ``draw(figure, words)``, where ``words`` are the captions of a language."""
