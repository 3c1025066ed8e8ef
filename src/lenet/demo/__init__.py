"""Holds pictures to try lenet on.

``digits/`` is for ``lenet predict``, ``numbers/`` for ``lenet read``.
"""

from pathlib import Path

FOLDER = Path(__file__).parent
