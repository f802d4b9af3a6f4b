"""From raw workbooks to cells and records: what a yearbook prints, with the trail kept."""
