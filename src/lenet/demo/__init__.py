"""Pictures to try lenet on: ``digits/`` for ``lenet predict``, ``numbers/`` for ``lenet read``."""

from pathlib import Path

FOLDER = Path(__file__).parent
