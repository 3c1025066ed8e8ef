"""Leaves out where files are on this machine, from what is sent to clients."""

import re
from typing import Any, cast

# A path from the root, of a drive of Windows, of a server, or of somebody's home.
_FROM_ROOT = re.compile(r"(?:/|~|[A-Za-z]:[\\/]|\\\\|\.\.?[\\/])")
_PATH = re.compile(r"(?<![\w/:.])(?:~?/|[A-Za-z]:[\\/]|\\\\)[^\s'\",;:()]*")


def last_part(path: str) -> str:
    r"""Return the name of a file or folder without the folders that it is in.

    Examples
    --------
    >>> last_part("/home/ann/digits/"), last_part(r"C:\data\digits.npz"), last_part("mnist")
    ('digits', 'digits.npz', 'mnist')
    """
    return re.split(r"[\\/]", path.rstrip("\\/"))[-1]


def without_paths(value: object) -> Any:
    """Return a value of JSON in which texts that are paths from a root are cut to the last part.

    Examples
    --------
    >>> without_paths({"data": "/home/ann/digits", "recipe": {"data": "mnist"}})
    {'data': 'digits', 'recipe': {'data': 'mnist'}}
    """
    if isinstance(value, dict):
        table = cast("dict[str, object]", value)
        return {
            # No data set of the catalog has a slash in its name, so this is a folder or a file.
            name: last_part(one) if name == "data" and isinstance(one, str) else without_paths(one)
            for name, one in table.items()
        }
    if isinstance(value, list):
        return [without_paths(one) for one in cast("list[object]", value)]
    if isinstance(value, str) and _FROM_ROOT.match(value):
        return last_part(value)
    return value


def sentence_without_paths(text: str) -> str:
    """Return a sentence in which paths from a root are cut to the last part.

    Examples
    --------
    >>> sentence_without_paths("/home/ann/run/metrics.json is corrupt")
    'metrics.json is corrupt'
    """
    return _PATH.sub(lambda found: last_part(found[0]) or found[0], text)
