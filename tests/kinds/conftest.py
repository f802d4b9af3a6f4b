"""Extensions are in force while the kinds are asked."""

import pytest
from shidian.extensions import using

from tests.kinds.rooms import EXTENSIONS


@pytest.fixture(autouse=True, scope="package")
def extensions():
    """Put the extensions in force."""
    with using(EXTENSIONS):
        yield
