"""Does a paper's printed table agree with itself? Every check computes with the intervals that printed digits allow."""
