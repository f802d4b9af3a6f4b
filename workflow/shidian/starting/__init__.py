"""A study started from one panel file: roles of its columns guessed, source and study drafted, the first table made."""
