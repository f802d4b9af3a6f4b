"""Hard panels: the same few rows of data given to every package, and who is wrong without a word.

``make hard-panels`` writes ``docs/hard_panels.md``. ``situations`` makes the panels, each with its truth, ``packages``
asks each package as its manual says, ``judge`` decides what the answer is worth, ``page`` prints it.
"""
