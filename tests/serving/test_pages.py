"""What the service says to files of several pages, and to files that are no images."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.serving.client import Client, client_of
from tests.serving.service import SEVEN, as_file, drawn

from lenet.serving.http.limits import Limits

LIMITS = Limits(body=400_000, pixels=90_000, images=5)
TURNED = [drawn(), drawn().rotate(180), Image.new("L", (50, 40), 255)]


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with client_of(limits=LIMITS) as one:
        yield one


def paged(pictures: list[Image.Image], form: str = "TIFF") -> bytes:
    buffer = BytesIO()
    first, *rest = [picture.copy() for picture in pictures]
    first.save(buffer, form, save_all=True, append_images=rest)
    return buffer.getvalue()


def without_path(result: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in result.items() if name != "path"}


@pytest.mark.parametrize("form", ["TIFF", "GIF", "PNG"])
@pytest.mark.parametrize("route", ["predict", "read"])
def test_every_page_has_an_object(client: Client, route: str, form: str) -> None:
    pictures = TURNED if form == "TIFF" else TURNED[:2]
    expected = [
        client.post(f"/v1/{route}", content=as_file(picture)).json()["results"][0]
        for picture in pictures
    ]
    content = paged(pictures, form)
    alone = client.post(f"/v1/{route}", content=content).json()["results"]
    assert [one["path"] for one in alone] == [f"#{n + 1}" for n in range(len(pictures))]
    assert list(map(without_path, alone)) == list(map(without_path, expected))
    files = [("a", ("7.png", SEVEN, "image/png")), ("a", ("b.tif", content, "image/tiff"))]
    first, *rest = client.post(f"/v1/{route}", files=files).json()["results"]
    assert first["path"] == "7.png"
    assert [one["path"] for one in rest] == [f"b.tif#{n + 1}" for n in range(len(pictures))]
    assert list(map(without_path, rest)) == list(map(without_path, expected))


def test_a_page_beyond_the_limit_of_pixels_has_an_error(client: Client) -> None:
    content = paged([drawn(), Image.new("L", (301, 300)), drawn()])
    one, two, three = client.post("/v1/predict", content=content).json()["results"]
    assert two == {"path": "#2", "error": "the picture#2: more than 90,000 pixels"}
    assert one["label"] == three["label"] == "7"


@pytest.mark.parametrize(("files", "pages"), [(1, 6), (2, 3), (5, 2)])
@pytest.mark.parametrize("route", ["predict", "read"])
def test_more_pages_than_pictures_are_allowed_are_refused(
    client: Client, route: str, files: int, pages: int
) -> None:
    content = paged([drawn().resize((20, 20))] * pages)
    sent = [("a", (f"{n}.tif", content, "image/tiff")) for n in range(files)]
    answer = client.post(f"/v1/{route}", files=sent)
    assert answer.status_code == 413
    assert answer.json() == {"error": "the files have more than the 5 pages allowed"}


def test_a_long_animation_gives_its_first_frame_and_that_is_said(client: Client) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (25, 9, 9), np.uint8)
    content = paged([drawn().resize((9, 9)), *map(Image.fromarray, noise)], "GIF")
    for route in ("predict", "read"):
        (result,) = client.post(f"/v1/{route}", content=content).json()["results"]
        assert result["path"] is None
        assert result["notice"].startswith("an animation of more than 20 frames")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7\n", "a PDF document: make pictures of its pages: pdftoppm -r 200 -png"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "a HEIC picture, as phones take them: convert it"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "a JPEG 2000 picture: convert it"),
    ],
)
def test_other_files_are_named_for_what_they_are(client: Client, content: bytes, kind: str) -> None:
    answer = client.post("/v1/predict", content=content + bytes(200))
    assert answer.status_code == 422
    assert f"the picture: cannot be read as an image: it is {kind}" in answer.json()["error"]
    assert "pip" not in answer.json()["error"]


def test_deep_and_transparent_pictures_are_read_as_elsewhere(client: Client) -> None:
    pixels = np.asarray(drawn()).astype(np.uint16) * 4  # 10 bits
    ink = Image.new("RGBA", drawn().size, "white")
    ink.putalpha(Image.fromarray(255 - np.asarray(drawn())))
    for picture in (pixels, np.asarray(ink)):
        (result,) = client.post("/v1/predict", content=as_file(picture)).json()["results"]
        assert result["label"] == "7"
        assert not result["rejected"]
