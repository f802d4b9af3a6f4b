"""The kind ``productivity_change``."""
