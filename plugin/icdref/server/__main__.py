"""`python -m icdref.server`: what `icdref serve` turns into. Everything it needs is in the environment."""

from __future__ import annotations

import os
import sys

from icdref.config import SettingError, Settings
from icdref.server.launch import run
from icdref.server.worker import APP, DEFAULT_APP

if __name__ == "__main__":
    try:
        run(Settings.from_environment(), os.environ.get(APP, DEFAULT_APP))
    except SettingError as error:
        sys.exit(str(error))
