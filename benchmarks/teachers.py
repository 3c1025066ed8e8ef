"""The teachers of ``fashion-record``: two residual networks, and what they say of Fashion-MNIST.

    python benchmarks/teachers.py

trains them in PyTorch, on one thread each (an hour on two cores that multiply in bfloat16, several
on others): first on five sixths of the training images, where the others show what they are worth;
then, for a few epochs more, on all. Both times they are asked about all of the training images, and
what they said is written to ``src/lenet/synthesis/teachers.npz``, which the recipe learns from. Raw
results, epoch by epoch: ``benchmarks/results/teachers.json``. No test image takes part.

The networks are wide residual ones (Zagoruyko and Komodakis, BMVC 2016) of 14 convolutions and 32,
64 and 128 maps. What they see is mirrored, moved by up to two pixels and partly covered by noise
(Zhong, Zheng, Kang, Li, Yang, "Random Erasing Data Augmentation", AAAI 2020).
"""

import json
import math
import multiprocessing
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, pad, relu

from lenet.data import load_data
from lenet.data.split import hold_out
from lenet.machine import processor
from lenet.synthesis.distillation import TEACHERS_DATA, WHOLE
from readme import ROOT

ANSWERS = ROOT / "src" / "lenet" / "synthesis" / "teachers.npz"
RESULTS = Path(__file__).parent / "results" / "teachers.json"
TEACHERS, BATCH, HELD_OUT = 2, 128, 1 / 6
# Epochs and the highest rate: without what is held out, then with it.
FIRST, THEN = (26, 0.1), (5, 0.02)
MEAN, DEVIATION = 0.286, 0.353  # of the pixels, from 0 to 1


class Block(nn.Module):
    """Two convolutions, and their input added to what they give."""

    def __init__(self, maps_in: int, maps: int, stride: int) -> None:
        super().__init__()
        self.normal1 = nn.BatchNorm2d(maps_in)
        self.conv1 = nn.Conv2d(maps_in, maps, 3, stride, 1, bias=False)
        self.normal2 = nn.BatchNorm2d(maps)
        self.conv2 = nn.Conv2d(maps, maps, 3, 1, 1, bias=False)
        same = stride == 1 and maps_in == maps
        self.short = None if same else nn.Conv2d(maps_in, maps, 1, stride, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return maps of half the height and width, where the stride is 2."""
        h = relu(self.normal1(x))
        rest = x if self.short is None else self.short(h)
        return rest + self.conv2(relu(self.normal2(self.conv1(h))))


def network() -> nn.Module:
    """Return a teacher: float32 ``[N, 1, 28, 28]`` to scores, ``[N, 10]``."""
    layers: list[nn.Module] = [nn.Conv2d(1, 32, 3, 1, 1, bias=False)]
    for maps_in, maps, stride in (
        (32, 32, 1),
        (32, 32, 1),
        (32, 64, 2),
        (64, 64, 1),
        (64, 128, 2),
        (128, 128, 1),
    ):
        layers.append(Block(maps_in, maps, stride))
    layers += [nn.BatchNorm2d(128), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    return nn.Sequential(*layers, nn.Linear(128, 10))


def distorted(images: Tensor, random: torch.Generator) -> Tensor:
    """Mirror, move and cover up images, float32 ``[N, 1, 28, 28]``, 0 to 1."""
    count, side = len(images), images.shape[3]

    def uniform(*more: int) -> Tensor:
        return torch.rand(count, *more, generator=random)

    images = torch.where(uniform(1, 1, 1) < 0.5, images.flip(3), images)
    columns, rows = torch.randint(0, 5, (2, count), generator=random)
    along = torch.arange(side)
    images = pad(images, (2, 2, 2, 2))[
        torch.arange(count)[:, None, None, None],
        0,
        (rows[:, None] + along)[:, None, :, None],
        (columns[:, None] + along)[:, None, None, :],
    ]
    area = side**2 * (0.02 + 0.28 * uniform())
    ratio = torch.exp((2 * uniform() - 1) * math.log(1 / 0.3))
    height = (area * ratio).sqrt().clamp(1, side - 1).round()
    width = (area / ratio).sqrt().clamp(1, side - 1).round()
    top, left = (uniform() * (side - height)).floor(), (uniform() * (side - width)).floor()
    down = (along >= top[:, None]) & (along < (top + height)[:, None])
    across = (along >= left[:, None]) & (along < (left + width)[:, None])
    covered = down[:, None, :, None] & across[:, None, None, :]
    covered &= uniform(1, 1, 1) < 0.5
    return torch.where(covered, uniform(*images.shape[1:]), images)


def seen(images: Tensor) -> Tensor:
    return ((images - MEAN) / DEVIATION).to(memory_format=torch.channels_last)


@torch.no_grad()
def scores(model: nn.Module, images: Tensor) -> Tensor:
    """Return the mean of what a network says of each image and of its mirror image."""
    model.eval()
    parts: list[Tensor] = []
    with torch.autocast("cpu", torch.bfloat16):
        for first in range(0, len(images), 500):
            some = seen(images[first : first + 500])
            parts.append((model(some).float() + model(some.flip(3)).float()) / 2)
    return torch.cat(parts)


def tensors(images: NDArray[np.uint8]) -> Tensor:
    return torch.from_numpy(images.astype(np.float32) / 255)[:, None]


def learn(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    epochs: int,
    highest: float,
    warmup: int,
    random: torch.Generator,
) -> Iterator[dict[str, float]]:
    """Train, by a rate that rises for some epochs and falls by a cosine; yield each epoch."""
    groups = [
        {"params": [p for p in model.parameters() if p.ndim > 1], "weight_decay": 5e-4},
        {"params": [p for p in model.parameters() if p.ndim == 1], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.SGD(groups, highest, 0.9, nesterov=True)
    steps = len(images) // BATCH
    started = time.perf_counter()
    for epoch in range(epochs):
        model.train()
        losses, right = 0.0, 0
        order = torch.randperm(len(images), generator=random)
        for place in range(steps):
            step = epoch * steps + place
            rate = highest * min(1.0, (step + 1) / (warmup * steps or 1))
            for group in optimizer.param_groups:
                group["lr"] = rate * (1 + math.cos(math.pi * step / (epochs * steps))) / 2
            some = order[place * BATCH : (place + 1) * BATCH]
            with torch.autocast("cpu", torch.bfloat16):
                answers = model(seen(distorted(images[some], random)))
            loss = cross_entropy(answers.float(), labels[some])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses += loss.item()
            right += int((answers.argmax(dim=1) == labels[some]).sum())
        yield {
            "train_loss": round(losses / steps, 4),
            "train_accuracy": round(right / (steps * BATCH), 4),
            "seconds": round(time.perf_counter() - started),
        }


Shares = NDArray[np.float32]


def trained(seed: int) -> tuple[list[dict[str, float]], Shares, Shares]:
    """Train one teacher; return its epochs, and twice its probabilities of all training images."""
    torch.set_num_threads(1)
    whole = load_data(TEACHERS_DATA)
    data = hold_out(whole, HELD_OUT, 0)
    assert data.validation is not None
    others = tensors(data.validation.images)
    torch.manual_seed(seed)
    model = network()
    model.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue] not in the stubs
    epochs: list[dict[str, float]] = []
    said: list[Shares] = []
    for split, (count, rate), warmup, number in (
        (data.train, FIRST, 2, seed),
        (whole.train, THEN, 0, 100 + seed),
    ):
        images, labels = tensors(split.images), torch.from_numpy(split.labels)
        random = torch.Generator().manual_seed(number)
        for line in learn(model, images, labels, count, rate, warmup, random):
            if split is data.train:
                right = scores(model, others).argmax(dim=1).numpy() == data.validation.labels
                line["held_out_accuracy"] = round(float(right.mean()), 4)
            print(f"teacher {seed}, of {len(images)} images: {line}", flush=True)
            epochs.append(line)
        said.append(scores(model, tensors(whole.train.images)).softmax(dim=1).numpy())
    return epochs, said[0], said[1]


def stored(shares: list[Shares]) -> NDArray[np.uint8]:
    """Return the mean over the teachers, a byte a probability."""
    return np.round(sum(shares) / np.float32(len(shares)) * WHOLE).astype(np.uint8)


def main() -> None:
    with multiprocessing.get_context("spawn").Pool(TEACHERS) as pool:
        done = pool.map(trained, range(TEACHERS))
    before, after = stored([one[1] for one in done]), stored([one[2] for one in done])
    np.savez_compressed(ANSWERS, before=before, after=after)
    results = {"machine": processor(), "teachers": [one[0] for one in done]}
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
