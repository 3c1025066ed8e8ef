"""Reads CSV files: rows of pixels as on Kaggle, or rows of a path and a label."""

import csv
import lzma
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lenet.data.class_names import Section, class_name, section_of
from lenet.data.found import Found, Labelled, labelled_array
from lenet.data.idx import open_compressed
from lenet.data.table_columns import Columns, columns_of
from lenet.errors import LenetError

SUFFIXES = (".csv", ".csv.gz", ".csv.bz2", ".csv.xz", ".tsv", ".tsv.gz")

Pixels = NDArray[np.float32]

_WHOLE = re.compile(r"(-?[0-9]+)\.0*")


@dataclass
class _Rows:
    """What the rows of a table hold, without their pixels."""

    labels: list[str] = field(default_factory=list[str])
    sections: list[Section] = field(default_factory=list[Section])
    paths: list[Path] = field(default_factory=list[Path])


def is_table(path: Path) -> bool:
    """Return whether a file's name is that of a table."""
    return path.name.lower().endswith(SUFFIXES)


def find_in_table(path: Path) -> Found:
    """Read a table of pixels, or of paths, which are relative to the table's folder.

    A first line that names the columns is recognised; without one the label comes first before
    pixels, and after a path. A column ``split`` may name the part of each row.

    Raises
    ------
    LenetError
        The file is damaged or empty, it has no column of labels, its rows have different lengths,
        or the pixels of a row are no square image.
    """
    source = str(path.resolve())
    try:
        with open_compressed(path) as file:
            lines = (line.decode("utf-8-sig" if not n else "utf-8") for n, line in enumerate(file))
            rows, pixels = _read(lines, path)
    except (EOFError, OSError, zlib.error, lzma.LZMAError, ValueError, csv.Error) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise LenetError(f"{path} is damaged or no CSV file ({error})") from error
    names = {label: class_name(_WHOLE.sub(r"\1", label), source) for label in set(rows.labels)}
    parts: dict[Section, Labelled] = {}
    for section in dict.fromkeys(rows.sections):
        places = [place for place, one in enumerate(rows.sections) if one == section]
        chosen = [names[rows.labels[place]] for place in places]
        if pixels is None:
            parts[section] = Labelled([rows.paths[place] for place in places], chosen)
        else:
            part = pixels if len(places) == len(pixels) else pixels[places]
            parts[section] = labelled_array(part, chosen, section, source)
    suffix = next(one for one in SUFFIXES if path.name.lower().endswith(one))
    return Found(path.name[: -len(suffix)], source, parts)


def _read(lines: Iterator[str], path: Path) -> tuple[_Rows, Pixels | None]:
    filled = ((number, line) for number, line in enumerate(lines, start=1) if line.strip())
    sample = list(islice(filled, 2))
    if not sample:
        raise LenetError(f"{path} is empty")
    delimiter = max(",;\t", key=sample[0][1].count)
    columns = columns_of(list(csv.reader([line for _, line in sample], delimiter=delimiter)), path)
    data = chain(sample[columns.header :], filled)
    rows = _Rows()
    if columns.paths:
        for number, line in data:
            cells = _cells(line, delimiter, columns, number, path)
            rows.paths.append(_picture(path.parent, cells[columns.images[0]]))
            _note(rows, cells, columns, number, path)
        if not rows.paths:
            raise LenetError(f"{path} names its columns and holds no rows")
        return rows, None

    def noted() -> Iterator[str]:
        for number, line in data:
            _note(rows, _cells(line, delimiter, columns, number, path), columns, number, path)
            yield line

    first = next(values := noted(), None)
    if first is None:
        raise LenetError(f"{path} names its columns and holds no rows")
    pixels = np.loadtxt(
        chain([first], values),
        np.float32,
        comments=None,
        delimiter=delimiter,
        usecols=columns.images,
        ndmin=2,
        quotechar='"',
    )
    return rows, pixels


def _cells(line: str, delimiter: str, columns: Columns, number: int, path: Path) -> list[str]:
    # csv is three times slower, and few tables have quotation marks.
    quoted = '"' in line
    cells = next(csv.reader([line], delimiter=delimiter)) if quoted else line.split(delimiter)
    if len(cells) != columns.width:
        raise LenetError(
            f"{path}: line {number} has {len(cells)} columns, the first line {columns.width}"
        )
    return cells


def _note(rows: _Rows, cells: list[str], columns: Columns, number: int, path: Path) -> None:
    rows.labels.append(cells[columns.label].strip())
    section: Section | None = "train"
    if columns.section is not None:
        word = cells[columns.section].strip()
        section = section_of(word)
        if section is None:
            raise LenetError(
                f"{path}: line {number}: {word!r} is none of the parts train, validation and test"
            )
    rows.sections.append(section)


def _picture(folder: Path, text: str) -> Path:
    """Return the path of a picture; it may be written with the backslashes of Windows."""
    path = folder / text.strip()
    return path if "\\" not in text or path.exists() else folder / text.strip().replace("\\", "/")
