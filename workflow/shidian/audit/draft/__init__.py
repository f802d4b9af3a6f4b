"""Every number of a manuscript against the results of a study."""
