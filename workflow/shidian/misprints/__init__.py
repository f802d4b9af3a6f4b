"""Values that look like slips of a printer or a typist: pure functions of a series' values by unit and period."""
