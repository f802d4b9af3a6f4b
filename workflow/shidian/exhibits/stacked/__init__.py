"""Tables of several exhibits as one."""
