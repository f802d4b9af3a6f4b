"""A source checked before any study reads it, and its cells corrected (``shidian check-source``, ``correct``)."""
