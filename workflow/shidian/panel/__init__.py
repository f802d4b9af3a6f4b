"""The panel: records of several sources joined on units and years, variables computed, every loss counted."""
