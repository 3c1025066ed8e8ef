"""Draws the paper of cheques and forms under ink: printed lines, guilloche, baseline, grain."""

import numpy as np
from numpy.typing import NDArray

from lenet.pictures.types import Images


def on_paper(ink: Images, random: np.random.Generator) -> Images:
    """Add random printed paper under ink: uint8 ``[rows, columns]``, to the same shape."""
    rows, columns = ink.shape
    y, x = np.mgrid[:rows, :columns].astype(np.float32)
    paper = np.zeros(ink.shape, np.float32)
    if random.random() < 0.35:
        for _ in range(random.integers(1, 3)):
            paper += _waves(x, y, random)
    if random.random() < 0.3:
        grain = random.standard_normal(ink.shape, np.float32)
        paper += grain * np.float32(random.uniform(4, 30))
    if random.random() < 0.25:
        level = random.uniform(24, 32) if random.random() < 0.8 else random.uniform(0, 6)
        away = np.abs(y - level - random.normal(0, 0.02) * x)
        line = np.clip(random.uniform(1.1, 2.1) - away, 0, 1) * random.uniform(100, 255)
        paper = np.maximum(paper, line)
    return np.clip(ink + paper * (1 - ink / np.float32(300)), 0, 255).astype(np.uint8)


def _waves(
    x: NDArray[np.float32], y: NDArray[np.float32], random: np.random.Generator
) -> NDArray[np.float32]:
    """Draw parallel wavy lines, as banks print them."""
    turn = random.normal(0, 0.25) if random.random() < 0.6 else random.uniform(0, np.pi)
    across = y * np.cos(turn) - x * np.sin(turn)
    along = x if abs(turn) < 0.8 else y
    wave = random.uniform(0, 1.5) * np.sin(along / random.uniform(4, 20) + random.uniform(0, 6))
    height = np.cos(2 * np.pi * (across + wave) / random.uniform(2.2, 7))
    lines = np.clip(height - random.uniform(-0.5, 0.6), 0, 1) * random.uniform(15, 80)
    return lines.astype(np.float32)
