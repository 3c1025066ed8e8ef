"""Finds the network and the pictures that a command line names."""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

import click

from lenet import demo, weights
from lenet.artifact import CONFIG
from lenet.cli.mistyped import check_first_word
from lenet.pictures.find_files import Picture, find_pictures

DEFAULT_NETWORK = "digits"


@dataclass(frozen=True)
class FoundPictures:
    """The pictures of a command line.

    Parameters
    ----------
    found
        Yields the pictures in order, without opening their files.
    skipped
        Counts, by suffix, the files in folders that are not pictures; complete when `found` is.
    """

    found: Iterator[Picture]
    skipped: Counter[str]


def network_and_images(words: Sequence[str], command: str, demo: bool) -> tuple[str, Sequence[str]]:
    """Divide the words of a command line into a network and pictures.

    The first word is a network if it is the name or an alias of one that ships, or a folder with a
    ``config.json``.

    Parameters
    ----------
    command
        The command's name, for messages.
    demo
        True if the pictures that come with lenet are used, so that none must be named.

    Raises
    ------
    click.UsageError
        No picture is named.
    LenetError
        The first word looks like a network, but there is no such network.
    """
    run = None
    if words and (weights.shipped(words[0]) is not None or (Path(words[0]) / CONFIG).is_file()):
        run, *words = words
        if not words and not demo:
            raise click.UsageError(
                f"{run} is a network; name the pictures too: lenet {command} {run} IMAGE..."
            )
    if not words and not demo:
        raise click.UsageError(f"name the pictures: lenet {command} IMAGE..., or try --demo.")
    if words and demo:
        raise click.UsageError(f"--demo brings its own pictures; leave out {words[0]}.")
    if words and run is None:
        check_first_word(words[0])
    return run or DEFAULT_NETWORK, words


def pictures_of(words: Iterable[str], demo_kind: str | None, without: Path | None) -> FoundPictures:
    """Find the pictures that `words` name, or those that come with lenet.

    Parameters
    ----------
    words
        As for `lenet.pictures.find_files.find_pictures`.
    demo_kind
        ``digits`` or ``numbers`` for the pictures that come with lenet; None for those of `words`.
    without
        The folder that the command writes to. It is made, and no pictures are looked for in it.

    Raises
    ------
    OSError
        The folder cannot be made.
    """
    if without is not None:
        without.mkdir(parents=True, exist_ok=True)
    skipped: Counter[str] = Counter()
    if demo_kind is not None:
        paths = sorted((demo.FOLDER / demo_kind).glob("*.png"))
        return FoundPictures(iter([Picture(path.name, path) for path in paths]), skipped)
    return FoundPictures(find_pictures(words, _standard_input(), skipped, without), skipped)


def _standard_input() -> FileIO | None:
    # A file object of our own, because a thread that waits in sys.stdin would block Python's exit.
    try:
        return None if sys.stdin is None else FileIO(sys.stdin.fileno(), closefd=False)
    except OSError:
        return None
