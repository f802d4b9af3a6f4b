"""The user's own kinds, indicators, estimators and formats: what ``extensions:`` of the configuration names.

The package has no code of its own: its parts lie in the folders that SHIDIAN_EXTENSIONS names (``shidian.extensions``).
"""

import os

__path__ = [folder for folder in os.environ.get("SHIDIAN_EXTENSIONS", "").split(os.pathsep) if folder]
