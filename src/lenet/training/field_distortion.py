"""Distorts number images at random, in PyTorch, to train readers.

The distortions change size, slant, rotation and position, bend the strokes, and change stroke width
and contrast.
"""

import torch
from torch import Tensor
from torch.nn import functional

_SCALE = (0.15, 0.2)  # logarithms of the factors of height and width
_SLANT, _TURN = 0.3, 0.04  # columns per row, and rows per column
_SHIFT = (2.5, 3.0)  # pixels down and across
_WAVE = 1.0  # largest standard deviation of a smooth displacement, in pixels
_GAIN, _GAMMA = 0.3, 0.4  # logarithms


def distorted(ink: Tensor, random: torch.Generator) -> Tensor:
    """Distort each image differently: float32 ``[N, 1, height, width]``, 0 to 1, to the same."""
    return _with_contrast(_with_strokes(_warped(ink, random), random), random)


def _uniform(count: int, most: float, random: torch.Generator) -> Tensor:
    """Return random numbers ``[count, 1, 1]``, uniform from -most to most."""
    return (torch.rand(count, 1, 1, generator=random) * 2 - 1) * most


def _warped(ink: Tensor, random: torch.Generator) -> Tensor:
    count, _, height, width = ink.shape
    y = torch.arange(height)[None, :, None] - height / 2 + 0.5
    x = torch.arange(width)[None, None, :] - width / 2 + 0.5
    scale_y, scale_x = (torch.exp(_uniform(count, most, random)) for most in _SCALE)
    shift_y, shift_x = (_uniform(count, most, random) for most in _SHIFT)
    slant, turn = _uniform(count, _SLANT, random), _uniform(count, _TURN, random)
    size = (count, 2, 5, max(width // 10, 2))
    waves = torch.randn(size, generator=random) * torch.rand(count, 1, 1, 1, generator=random)
    waves = functional.interpolate(waves * _WAVE, (height, width), mode="bicubic")
    from_x = scale_x * x + slant * y + shift_x + waves[:, 0]
    from_y = scale_y * y + turn * x + shift_y + waves[:, 1]
    grid = torch.stack([from_x / (width / 2), from_y / (height / 2)], dim=-1)
    return functional.grid_sample(ink, grid, align_corners=False)


def _with_strokes(ink: Tensor, random: torch.Generator) -> Tensor:
    """Make the strokes of some images wider, thinner or softer."""
    kind = torch.rand(len(ink), generator=random)
    amount = torch.rand(len(ink), 1, 1, 1, generator=random)
    wider, thinner, softer = kind < 0.15, kind > 0.85, (kind > 0.4) & (kind < 0.6)
    result = ink.clone()
    result[wider] += amount[wider] * (functional.max_pool2d(ink[wider], 3, 1, 1) - ink[wider])
    inner = -functional.max_pool2d(-ink[thinner], 3, 1, 1)
    result[thinner] += 0.7 * amount[thinner] * (inner - ink[thinner])
    result[softer] = functional.avg_pool2d(ink[softer], 3, 1, 1, count_include_pad=False)
    return result


def _with_contrast(ink: Tensor, random: torch.Generator) -> Tensor:
    gain = torch.exp(_uniform(len(ink), _GAIN, random))[..., None]
    gamma = torch.exp(_uniform(len(ink), _GAMMA, random))[..., None]
    return (ink.clamp(1e-4, 1) ** gamma * gain).clamp(0, 1)
