"""Training a reader: the criterion against the trellis, and runs of a few steps, stopped or not."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from tests.reading.strings import forward_penalty

from lenet.artifact import Artifact
from lenet.data import Split
from lenet.data.cheques import Cheque
from lenet.errors import LenetError
from lenet.networks import Network, lenet_network
from lenet.networks.reader import SYMBOLS
from lenet.pictures.field import HEIGHT, field_of
from lenet.pictures.image import ImageError, read_image
from lenet.reading.decoder import read_string
from lenet.reading.reader import log_probabilities_of
from lenet.synthesis.fields import Batch, Sources, batch
from lenet.synthesis.separators import ROWS
from lenet.training import reader
from lenet.training.loop import Diverged, Interrupted
from lenet.training.reader import (
    _penalty,  # pyright: ignore[reportPrivateUsage] a run tells the loss of what is drawn only
    numbers_of,
    string_accuracy,
    train_reader,
)
from lenet.training.reader_recipe import ReaderRecipe, reader_members

DIGIT = Split(np.zeros((1, 28, 28), np.uint8), np.zeros(1, np.int64), ("0",))
NOTHING = Sources([], [], DIGIT, "")
SMALL = lenet_network("relu", "max", (6, 8), (24, 16), SYMBOLS, input_size=32)
FEW = ReaderRecipe(steps=6, batch_size=3)


def drawn(_: Sources, size: int, seed: int, first: int = 0) -> Iterator[Batch]:
    """Give small batches that follow from seed and place, as `batches` does, without processes."""
    for place in range(first * 4, 1000):
        random = np.random.default_rng([seed, place])
        width = 24 + 2 * (place % 3)
        yield batch(
            [
                (random.integers(0, 256, (ROWS, width), dtype=np.uint8), text)
                for text in ("12", "", "7", "404", "55")[:size]
            ]
        )


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make batches here, train few weights, and keep a checkpoint every four steps."""
    monkeypatch.setattr(reader, "batches", drawn)
    monkeypatch.setattr(reader, "AT_ONCE", 4)


def silent(step: int, loss: float, artifact: Callable[[], Artifact]) -> None:
    pass


def alike(first: Artifact, second: Artifact) -> bool:
    return all(
        np.array_equal(value, second.parameters[name]) for name, value in first.parameters.items()
    )


def said(columns: int, count: int, seed: int = 0) -> torch.Tensor:
    """Return what a network may say: log shares ``[count, columns, 11]``, in need of gradients."""
    scores = torch.randn(
        count, columns, len(SYMBOLS), generator=torch.Generator().manual_seed(seed)
    )
    return (2 * scores).requires_grad_()


def with_texts(*texts: str) -> Batch:
    return batch([(np.zeros((ROWS, 8), np.uint8), text) for text in texts])


@pytest.mark.parametrize(
    "texts",
    [
        ("5",),
        ("",),
        ("", ""),
        ("12", "21"),
        ("00", "0", "", "990"),
        ("123456789", "1111", "2", "10"),
    ],
)
def test_the_penalty_is_the_mean_of_the_strings_forward_penalties(texts: tuple[str, ...]) -> None:
    scores = said(12, len(texts))
    shares = scores.log_softmax(dim=2)
    found = _penalty(shares, with_texts(*texts))
    tables: list[NDArray[np.float32]] = list(shares.detach().numpy())
    expected = [forward_penalty(table, text) for table, text in zip(tables, texts, strict=True)]
    assert float(found.detach()) == pytest.approx(np.mean(expected), rel=1e-5)
    found.backward()
    assert scores.grad is not None
    assert bool(scores.grad.isfinite().all())
    assert all(float(own.abs().max()) > 0 for own in scores.grad)


@pytest.mark.parametrize("text", ["123456", "1111", "00000000000000000000"])
def test_a_string_that_does_not_fit_costs_nothing(text: str) -> None:
    scores = said(5, 3)
    shares = scores.log_softmax(dim=2)
    table = shares[0].detach().numpy()
    assert forward_penalty(table, text) == np.inf
    found = _penalty(shares, with_texts("12", text, "3"))
    others = [(0, "12"), (2, "3")]
    expected = sum(forward_penalty(shares[at].detach().numpy(), one) for at, one in others) / 3
    assert float(found.detach()) == pytest.approx(expected, rel=1e-5)
    found.backward()
    assert scores.grad is not None
    assert bool(scores.grad.isfinite().all())
    assert float(scores.grad[1].abs().max()) == 0
    assert float(scores.grad[0].abs().max()) > 0


def test_the_rate_rises_over_a_hundred_steps_and_falls_to_nothing() -> None:
    recipe = ReaderRecipe(steps=1000, learning_rate=0.5)
    rates = np.array([recipe.rate(step) for step in range(1, 1001)])
    assert rates[0] == pytest.approx(0.005)
    assert (np.diff(rates[:95]) > 0).all()
    assert (np.diff(rates[100:]) < 0).all()
    assert 0.48 < rates.max() <= 0.5
    assert rates[500] == pytest.approx(0.25)
    assert 0 < rates[-1] < 1e-5


@pytest.mark.slow
def test_the_callback_is_called_after_each_step_with_the_network_as_it_is_then(
    tmp_path: Path,
) -> None:
    losses: list[tuple[int, float]] = []
    kept: list[Artifact] = []

    def on_step(step: int, loss: float, artifact: Callable[[], Artifact]) -> None:
        losses.append((step, loss))
        kept.append(artifact())

    last = train_reader(NOTHING, SMALL, FEW, 0, tmp_path, on_step)
    assert [step for step, _ in losses] == list(range(1, 7))
    assert all(np.isfinite(loss) and loss > 0 for _, loss in losses)
    assert alike(kept[-1], last)
    assert not alike(kept[-2], last)
    assert last.classes == SYMBOLS
    assert last.pictures == "numbers"
    (shares,) = log_probabilities_of(last, np.zeros((HEIGHT, 40), np.uint8))
    assert shares.shape == (20, len(SYMBOLS))
    assert np.exp(shares).sum(axis=1) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("network", [network for network, _ in reader_members()])
def test_the_networks_of_readers_can_be_trained(network: Network, tmp_path: Path) -> None:
    trained = train_reader(NOTHING, network, ReaderRecipe(1, 1), 0, tmp_path, silent)
    assert trained.network == network
    assert all(np.isfinite(value).all() for value in trained.parameters.values())


@pytest.mark.slow
def test_a_reader_learns_what_it_is_shown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Two fields again and again: in the end it reads them."""
    ink = np.zeros((2, ROWS, 32), np.uint8)
    ink[0, 6:26, 14:18] = 255
    ink[1, 6:26, 6:10] = ink[1, 6:26, 20:24] = ink[1, 24:26, 4:26] = 255
    examples = [(ink[0], "1"), (ink[1], "40")]

    def always(*_: Any) -> Iterator[Batch]:
        while True:
            yield batch(examples * 3)

    def same(value: torch.Tensor, _: torch.Generator) -> torch.Tensor:
        return value

    monkeypatch.setattr(reader, "batches", always)
    monkeypatch.setattr(reader, "distorted", same)
    losses: list[float] = []
    trained = train_reader(
        NOTHING,
        SMALL,
        ReaderRecipe(150, 6, 0.02),
        0,
        tmp_path,
        lambda _, loss, __: losses.append(loss),
    )
    assert losses[-1] < 0.2 * losses[0]
    assert string_accuracy(trained, examples) == 1


def test_a_seed_says_all_and_nothing_else_does(tmp_path: Path) -> None:
    def run(name: str, seed: int) -> Artifact:
        (tmp_path / name).mkdir()
        return train_reader(NOTHING, SMALL, ReaderRecipe(3, 2), seed, tmp_path / name, silent)

    torch.manual_seed(1)
    before = torch.get_rng_state()
    first = run("first", 5)
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(2)
    assert alike(run("again", 5), first)
    assert not alike(run("other", 6), first)


def until(last: int, folder: Path) -> tuple[list[int], Artifact | None]:
    """Train until a step, or to the end; return the steps that were done, and what came of them."""
    steps: list[int] = []

    def on_step(step: int, loss: float, artifact: Callable[[], Artifact]) -> None:
        steps.append(step)

    try:
        return steps, train_reader(
            NOTHING, SMALL, FEW, 3, folder, on_step, lambda: steps[-1] == last
        )
    except Interrupted:
        return steps, None


@pytest.mark.parametrize("stops", [(1,), (4,), (2, 5), (5, 5)])
def test_stopped_and_resumed_it_ends_with_the_same_bits(
    tmp_path: Path, stops: tuple[int, ...]
) -> None:
    (tmp_path / "whole").mkdir()
    (tmp_path / "parts").mkdir()
    _, whole = until(0, tmp_path / "whole")
    done = 0
    for stop in stops:
        steps, artifact = until(stop, tmp_path / "parts")
        assert artifact is None
        assert steps == list(range(done + 1, stop + 1))
        done = {1: 0, 2: 0, 4: 4, 5: 4}[stop]  # as far as the last checkpoint
    steps, last = until(0, tmp_path / "parts")
    assert steps == list(range(done + 1, 7))
    assert last is not None
    assert whole is not None
    assert alike(last, whole)
    steps, again = until(0, tmp_path / "parts")
    assert steps == []
    assert again is not None
    assert alike(again, whole)


def test_a_loss_that_is_no_number_stops_and_leaves_the_last_good_checkpoint(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    calls: list[None] = []

    def spoilt(value: torch.Tensor, _: torch.Generator) -> torch.Tensor:
        calls.append(None)
        return value * float("nan") if len(calls) == 5 else value

    with monkeypatch.context() as during:
        during.setattr(reader, "distorted", spoilt)
        with pytest.raises(Diverged, match="infinite or NaN in step 5"):
            until(0, tmp_path)
    steps, artifact = until(0, tmp_path)
    assert steps == [5, 6]
    assert artifact is not None


def truncated(content: bytes) -> bytes:
    return content[: len(content) // 2]


def flipped(content: bytes) -> bytes:
    return content[:100] + bytes(255 - one for one in content[100:300]) + content[300:]


def emptied(_: bytes) -> bytes:
    return b""


def written_over(_: bytes) -> bytes:
    return b"no checkpoint"


@pytest.mark.parametrize("spoil", [truncated, flipped, emptied, written_over])
def test_a_corrupt_checkpoint_is_told(tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
    train_reader(NOTHING, SMALL, ReaderRecipe(1, 2), 0, tmp_path, silent)
    (path,) = (tmp_path / "checkpoint").iterdir()
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(LenetError, match="is corrupt and cannot be resumed"):
        train_reader(NOTHING, SMALL, ReaderRecipe(1, 2), 0, tmp_path, silent)


@pytest.mark.parametrize(
    ("sources", "recipe", "seed", "other"),
    [
        (NOTHING, ReaderRecipe(1, 2), 1, "another seed"),
        (NOTHING, ReaderRecipe(2, 2), 0, "another recipe"),
        (NOTHING, ReaderRecipe(1, 3), 0, "another recipe"),
        (NOTHING, ReaderRecipe(1, 2, 0.1), 5, "another seed and another recipe"),
        (replace(NOTHING, sha256="other"), ReaderRecipe(1, 2), 0, "other cheques"),
    ],
)
def test_a_checkpoint_of_another_training_is_told(
    tmp_path: Path, sources: Sources, recipe: ReaderRecipe, seed: int, other: str
) -> None:
    train_reader(NOTHING, SMALL, ReaderRecipe(1, 2), 0, tmp_path, silent)
    with pytest.raises(LenetError, match=f"was begun with {other} and cannot be resumed"):
        train_reader(sources, SMALL, recipe, seed, tmp_path, silent)


def cheque(folder: Path, name: str, digits: str, ink: int) -> Cheque:
    image = np.full((60, 90), 230, np.uint8)
    image[15:45, 20:26] = image[15:45, 60:66] = ink
    Image.fromarray(image).save(folder / name)
    return Cheque(folder / name, digits, (), "test")


def test_every_cheque_has_its_fields_and_its_digits(tmp_path: Path) -> None:
    cheques = [cheque(tmp_path, "a.png", "11", 30), cheque(tmp_path, "b.png", "7", 230)]
    (first, one), (second, other) = numbers_of(cheques)
    assert (one, other) == ("11", "7")
    picture = read_image(cheques[0].path)
    expected = field_of(picture)
    assert expected is not None
    assert first is not None
    assert np.array_equal(first, expected.ink)
    assert second is None  # it has no ink


def test_a_cheque_without_a_picture_is_told(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"gone\.png: .*no such file"):
        numbers_of([Cheque(tmp_path / "gone.png", "1", (), "test")])


def test_the_share_read_counts_whole_strings(tmp_path: Path) -> None:
    untrained = train_reader(NOTHING, SMALL, ReaderRecipe(1, 2), 0, tmp_path, silent)
    random = np.random.default_rng(0)
    inks = [random.integers(0, 256, (HEIGHT, width), np.uint8) for width in (40, 32, 60, 34)]
    read = [read_string(log_probabilities_of(untrained, ink))[0] for ink in inks]
    right = list(zip(inks, read, strict=True))
    assert string_accuracy(untrained, right) == 1
    wrong = [(ink, text + "3") for ink, text in right]
    assert string_accuracy(untrained, wrong) == 0
    assert string_accuracy(untrained, right[:3] + wrong[3:]) == 0.75
    # Where there is no ink nothing is read, not even what is empty.
    assert string_accuracy(untrained, [*right[:1], (None, "")]) == 0.5
