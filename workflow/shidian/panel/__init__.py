"""The panel: records of several sources joined, variables, indicators and scores computed, every loss counted."""
