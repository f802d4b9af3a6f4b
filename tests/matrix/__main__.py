"""Write docs/matrix.md: ``python -m tests.matrix``."""

from tests.matrix.page import PAGE, page

PAGE.write_text(page(), encoding="utf-8")
