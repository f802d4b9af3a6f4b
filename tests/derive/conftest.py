"""The projects that these tests write hold their raw files; a folder that the user named must not stand in for them."""

import pytest


@pytest.fixture(autouse=True, scope="package")
def no_folder_of_the_users():
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("SHIDIAN_RAW", raising=False)
        yield
