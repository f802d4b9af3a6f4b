"""The formats that tables are printed in, one file each: ``FORMAT`` and ``write(result, meta)``."""
