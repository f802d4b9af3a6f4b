"""Facts about China's regions that ship with the project."""
