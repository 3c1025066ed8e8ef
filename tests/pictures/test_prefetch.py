import os
import threading
from collections.abc import Callable, Iterator
from functools import partial
from multiprocessing import active_children
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lenet.pictures.find_files import Picture
from lenet.pictures.image import ImageError, fit
from lenet.pictures.network_input import network_input
from lenet.pictures.prefetch import prepare
from lenet.pictures.prepare import Prepared
from lenet.pictures.types import Images


def made(*shape: int) -> Callable[[Images], Images]:
    return partial(network_input, pictures="plain", shape=shape)


SMALL = made(1, 28, 28)


def prepared(
    found: list[Picture], make: Callable[[Images], Images] = SMALL
) -> list[Prepared[Images]]:
    return [one for batch in prepare(found, make) for one in batch]


def images(count: int) -> list[Images]:
    return list(np.random.default_rng(0).integers(0, 256, (count, 28, 28), np.uint8))


def written(pictures: list[Images]) -> list[Picture]:
    for number, image in enumerate(pictures):
        Image.fromarray(image).save(f"{number}.png")
    return [Picture(f"{n}.png", Path(f"{n}.png")) for n in range(len(pictures))]


@pytest.mark.parametrize("count", [0, 1, 255, 256, 257, 600])
def test_all_come_once_and_in_order(count: int) -> None:
    expected = images(count)
    batches = list(prepare(written(expected), SMALL))
    found = [one for batch in batches for one in batch]
    assert all(0 < len(batch) <= 256 for batch in batches)
    assert [one.name for one in found] == [f"{n}.png" for n in range(count)]
    for one, image in zip(found, expected, strict=True):
        assert isinstance(one.result, np.ndarray)
        assert np.array_equal(one.result, image)


def test_many_are_made_in_processes_once_and_in_order() -> None:
    expected = images(150)
    found: list[Prepared[Images]] = []
    processes: set[int] = set()
    pictures = [*written(expected), Picture("text.png", Path("text.png"))]
    Path("text.png").write_text("no image")
    for batch in prepare(pictures, SMALL, in_processes=True):
        found += batch
        processes |= {process.pid or 0 for process in active_children()}
    assert processes
    assert not active_children()  # they end with the pictures
    *good, bad = found
    assert isinstance(bad.result, ImageError)
    assert [one.name for one in good] == [f"{n}.png" for n in range(150)]
    for one, image in zip(good, expected, strict=True):
        assert isinstance(one.result, np.ndarray)
        assert np.array_equal(one.result, image)


def test_no_process_is_started_for_a_few() -> None:
    for _ in prepare(written(images(24)), SMALL, in_processes=True):
        assert not active_children()


def test_an_error_in_a_process_ends_it_all() -> None:
    found = written([*images(30), np.zeros((30, 30), np.uint8)])
    # What other processes make must be found there, which a function of this file is not.
    with pytest.raises(ValueError, match="not aligned"):
        list(prepare(found, partial(np.dot, np.eye(28)), in_processes=True))


def test_a_picture_is_made_to_the_networks_size() -> None:
    image = np.random.default_rng(0).integers(0, 256, (50, 31, 3), np.uint8)
    Image.fromarray(image).save("x.png")
    (one,) = prepared([Picture("x.png", Path("x.png"))], made(3, 32, 32))
    assert isinstance(one.result, np.ndarray)
    assert np.array_equal(one.result, fit(image, (3, 32, 32)))


def test_what_cannot_be_read_keeps_its_place_and_its_name() -> None:
    (good,) = written(images(1))
    Path("text.png").write_text("no image")
    found = [
        Picture("a", ImageError("a is not there")),
        good,
        Picture("text.png", Path("text.png")),
        Picture("-", b"\x89PNG"),
        Picture("folder", Path()),
        Picture("nul", Path("nul\0")),
    ]
    first, second, *rest = prepared(found)
    assert str(first.result) == "a is not there"
    assert isinstance(second.result, np.ndarray)
    assert [one.name for one in rest] == ["text.png", "-", "folder", "nul"]
    assert all(isinstance(one.result, ImageError) for one in rest)
    assert str(rest[1].result).startswith("standard input: cannot be read as an image")


def test_a_picture_that_the_network_cannot_read_is_named() -> None:
    (one,) = prepared(written(images(1)), made(4, 28, 28))
    assert str(one.result) == "0.png: a picture has 1 or 3 channels, the network reads 4"


def test_a_pipe_is_read_to_its_end() -> None:
    (image,) = images(1)
    written([image])
    os.mkfifo("pipe")
    writer = threading.Thread(target=lambda: Path("pipe").write_bytes(Path("0.png").read_bytes()))
    writer.start()
    (one,) = prepared([Picture("pipe", Path("pipe"))])
    writer.join()
    assert isinstance(one.result, np.ndarray)
    assert np.array_equal(one.result, image)


def test_pictures_are_given_while_the_next_is_still_awaited() -> None:
    first, second = written(images(2))
    go = threading.Event()

    def slow() -> Iterator[Picture]:
        yield first
        assert go.wait(60)
        yield second

    stream = prepare(slow(), SMALL)
    assert [one.name for one in next(stream)] == ["0.png"]
    go.set()
    assert [one.name for one in next(stream)] == ["1.png"]


def test_who_uses_pictures_slowly_does_not_have_them_all_read() -> None:
    (picture,) = written(images(1))
    taken = 0

    def endless() -> Iterator[Picture]:
        nonlocal taken
        while True:
            taken += 1
            yield picture

    stream = prepare(endless(), SMALL)
    given = sum(len(next(stream)) for _ in range(10))
    assert given <= taken <= given + 256 + 1
    stream.close()  # pyright: ignore[reportAttributeAccessIssue] a generator
    for thread in threading.enumerate():
        if "feed" in thread.name:
            thread.join(60)
            assert not thread.is_alive()


def test_an_error_of_the_search_reaches_who_uses_the_pictures() -> None:
    def broken() -> Iterator[Picture]:
        yield from written(images(2))
        raise OSError("the disk is gone")

    stream = prepare(broken(), SMALL)
    names: list[str] = []
    with pytest.raises(OSError, match="the disk is gone"):
        names.extend(one.name for batch in stream for one in batch)
    assert names == ["0.png", "1.png"]


def test_anything_may_be_made_of_a_picture() -> None:
    expected = images(3)
    found = [*written(expected), Picture("gone", ImageError("gone is not there"))]
    results = [one.result for batch in prepare(found, lambda image: image.sum()) for one in batch]
    assert results[:3] == [image.sum() for image in expected]
    assert isinstance(results[3], ImageError)


def paged(name: str, pictures: list[Images]) -> Picture:
    first, *rest = map(Image.fromarray, pictures)
    first.save(name, "TIFF", save_all=True, append_images=rest)
    return Picture(name, Path(name))


@pytest.mark.parametrize("count", [2, 16, 17, 40])
def test_every_page_of_a_file_comes_in_its_place(count: int) -> None:
    expected = images(count)
    first, second = written(images(2))
    broken = Picture("gone", Path("gone"))
    found = prepared([first, paged("a.tif", expected), broken, paged("b.tif", expected), second])
    pages = [f"#{number}" for number in range(1, count + 1)]
    assert [one.name for one in found] == [
        "0.png",
        *("a.tif" + page for page in pages),
        "gone",
        *("b.tif" + page for page in pages),
        "1.png",
    ]
    for start in (1, count + 2):
        for one, image in zip(found[start : start + count], expected, strict=True):
            assert isinstance(one.result, np.ndarray)
            assert np.array_equal(one.result, image)


def test_pages_of_a_pipe_and_of_bytes_are_all_read() -> None:
    picture = paged("a.tif", images(40))
    content = Path("a.tif").read_bytes()
    os.mkfifo("pipe")
    writer = threading.Thread(target=lambda: Path("pipe").write_bytes(content))
    writer.start()
    for one in (picture, Picture("pipe", Path("pipe")), Picture("-", content)):
        names = [f"{one.name}#{number}" for number in range(1, 41)]
        assert [page.name for page in prepared([one])] == names
    writer.join()


def test_many_pages_are_made_in_processes_in_order() -> None:
    expected = images(100)
    processes: set[int] = set()
    found: list[Prepared[Images]] = []
    for batch in prepare([paged("a.tif", expected)], SMALL, in_processes=True):
        found += batch
        processes |= {process.pid or 0 for process in active_children()}
    assert processes
    assert [one.name for one in found] == [f"a.tif#{number}" for number in range(1, 101)]
    for one, image in zip(found, expected, strict=True):
        assert isinstance(one.result, np.ndarray)
        assert np.array_equal(one.result, image)


def test_a_page_that_the_network_cannot_read_is_named() -> None:
    one, two = prepared([paged("a.tif", images(2))], made(4, 28, 28))
    assert str(one.result).startswith("a.tif#1: a picture has 1 or 3 channels")
    assert str(two.result).startswith("a.tif#2: ")


def test_a_mistake_that_is_not_the_pictures_ends_it() -> None:
    def mistaken(image: Images) -> int:
        raise ZeroDivisionError(f"{image.shape}")

    with pytest.raises(ZeroDivisionError, match=r"\(28, 28\)"):
        next(prepare(written(images(1)), mistaken))
