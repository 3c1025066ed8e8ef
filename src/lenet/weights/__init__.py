"""The trained networks that ship with the package: ``NAME/config.json`` and what lies beside it."""

from pathlib import Path

FOLDER = Path(__file__).parent


def names() -> tuple[str, ...]:
    """Name the networks that are here, in alphabetical order."""
    return tuple(sorted(config.parent.name for config in FOLDER.glob("*/config.json")))
