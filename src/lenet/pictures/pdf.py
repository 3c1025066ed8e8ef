"""Draws pages of PDF documents, if pypdfium2 is installed (the extra ``pdf``)."""

from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from threading import Lock
from typing import Any

import numpy as np
from PIL import Image

from lenet.pictures import decode
from lenet.pictures.decode import ImageError, decoded, reading
from lenet.pictures.types import Images

_DOTS = 200 / 72  # 200 dots per inch; a PDF's unit is 1/72 inch

# PDFium is not safe to be called by several threads, not even for different documents.
_pdfium = Lock()


@cache
def is_readable() -> bool:
    """Return True if pypdfium2 is installed."""
    return find_spec("pypdfium2") is not None


class Document:
    """An opened document."""

    def __init__(self, document: Any) -> None:
        self._document = document

    def __len__(self) -> int:
        return len(self._document)

    def page(self, number: int, name: str) -> Images:
        """Render a page at 200 dots per inch; `ImageError` with `name` if that cannot be done."""
        with reading(name), _pdfium:
            page = self._document[number]
            try:
                width, height = page.get_size()
                if width * height * _DOTS**2 > decode.MOST_PIXELS:
                    raise ImageError(f"more than {decode.MOST_PIXELS:,} pixels")
                bitmap = page.render(scale=_DOTS)
                try:
                    pixels = np.array(bitmap.to_pil().convert("RGB"))
                finally:
                    bitmap.close()
            finally:
                page.close()
        return decoded(Image.fromarray(pixels))


@contextmanager
def opened(content: bytes, name: str) -> Generator[Document, None, None]:
    """Open a document; `ImageError` if it is broken or has a password."""
    import pypdfium2  # pyright: ignore[reportMissingImports, reportMissingTypeStubs]

    library: Any = pypdfium2  # it has no complete types
    with reading(name), _pdfium:
        document = library.PdfDocument(content)
    try:
        yield Document(document)
    finally:
        with _pdfium:
            document.close()
