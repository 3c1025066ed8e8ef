"""Each distortion alone, on shapes whose middle and moments say what was done to them."""

import math
from typing import Any

import pytest
import torch
from torch import Tensor

from lenet.training import field_distortion
from lenet.training.field_distortion import distorted

STILL: dict[str, object] = {
    "_SCALE": (0.0, 0.0),
    "_SLANT": 0.0,
    "_TURN": 0.0,
    "_SHIFT": (0.0, 0.0),
    "_WAVE": 0.0,
    "_GAIN": 0.0,
    "_GAMMA": 0.0,
}


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def noise(count: int, width: int) -> Tensor:
    return torch.rand(count, 1, 32, width, generator=seeded(9))


def boxes(count: int, width: int = 80, grey: float = 0.8) -> Tensor:
    """Draw a box of 12 rows and 20 columns in the middle of each field."""
    ink = torch.zeros(count, 1, 32, width)
    ink[:, :, 10:22, width // 2 - 10 : width // 2 + 10] = grey
    return ink


def only(monkeypatch: pytest.MonkeyPatch, *, pens: bool = False, **kept: object) -> None:
    """Leave out all but some distortions; those have the size that they have."""
    for name, value in STILL.items():
        if name not in kept:
            monkeypatch.setattr(field_distortion, name, value)
    for name, value in kept.items():
        monkeypatch.setattr(field_distortion, name, value)
    if not pens:

        def unchanged(ink: Tensor, _: torch.Generator) -> Tensor:
            return ink

        monkeypatch.setattr(field_distortion, "_with_strokes", unchanged)


def middles(ink: Tensor) -> Tensor:
    """Return row and column of each field's centre of mass, from the middle: ``[N, 2]``."""
    planes = ink[:, 0]
    _, height, width = planes.shape
    total = planes.sum(dim=(1, 2))
    y, x = torch.arange(height) - (height - 1) / 2, torch.arange(width) - (width - 1) / 2
    return torch.stack([planes.sum(2) @ y / total, planes.sum(1) @ x / total], dim=1)


@pytest.mark.parametrize(("count", "width"), [(1, 32), (1, 2), (2, 34), (30, 100), (3, 400)])
def test_shapes_stay_and_values_lie_between_0_and_1(count: int, width: int) -> None:
    ink = noise(count, width)
    before = ink.clone()
    for seed in range(6):
        found = distorted(ink, seeded(seed))
        assert found.shape == ink.shape
        assert found.dtype == torch.float32
        assert float(found.min()) >= 0
        assert float(found.max()) <= 1
        assert bool(found.isfinite().all())
    assert torch.equal(ink, before)


def test_it_follows_from_the_generator_alone() -> None:
    ink = noise(3, 60)
    torch.manual_seed(0)
    first = distorted(ink, seeded(1))
    torch.manual_seed(1)
    assert torch.equal(distorted(ink, seeded(1)), first)
    assert not torch.equal(distorted(ink, seeded(2)), first)


def test_every_field_is_distorted_in_its_own_way() -> None:
    found = distorted(boxes(12), seeded())
    for one in range(12):
        for other in range(one):
            assert not torch.equal(found[one], found[other])


def test_paper_stays_paper() -> None:
    assert float(distorted(torch.zeros(50, 1, 32, 60), seeded()).max()) < 0.01


def test_without_its_sizes_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch)
    for width in (32, 50, 200):
        ink = noise(3, width)
        assert torch.allclose(distorted(ink, seeded()), ink, atol=2e-4)


def test_fields_are_moved_down_and_across(monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, _SHIFT=(2.5, 3.0))
    found = middles(distorted(boxes(300), seeded()))
    for axis, most in enumerate((2.5, 3.0)):
        values = found[:, axis]
        assert 0.9 * most < float(values.abs().max()) <= most + 0.02
        assert abs(float(values.mean())) < 0.3
        assert float(values.std()) == pytest.approx(most / math.sqrt(3), rel=0.15)


@pytest.mark.parametrize("axis", [0, 1])
def test_fields_are_scaled_around_their_middle(monkeypatch: pytest.MonkeyPatch, axis: int) -> None:
    sizes = [0.0, 0.0]
    sizes[axis] = 0.2
    only(monkeypatch, _SCALE=tuple(sizes))
    found = distorted(boxes(300), seeded())
    # A box's ink is its area.
    areas = (found - 1e-4).clamp(0).sum(dim=(1, 2, 3)) / 0.8 / (12 * 20)
    assert float(areas.max()) == pytest.approx(math.exp(0.2), rel=0.03)
    assert float(areas.min()) == pytest.approx(math.exp(-0.2), rel=0.03)
    assert float(middles(found).abs().max()) < 0.05
    inked = found[:, 0] > 0.4
    along, across = (inked.any(dim=dim).sum(dim=1) for dim in (2 - axis, 1 + axis))
    assert float(along.max()) > float(along.min())
    assert bool((across == (20, 12)[axis]).all())


@pytest.mark.parametrize("name", ["_SLANT", "_TURN"])
def test_lines_are_slanted_and_turned(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    sizes: dict[str, Any] = {name: 0.2}
    only(monkeypatch, **sizes)
    ink = torch.zeros(200, 1, 32, 80)
    if name == "_SLANT":
        ink[..., 4:28, 39:41] = 1  # upright
        found = distorted(ink, seeded())[:, 0]
        first, last = (middles(found[:, None, row : row + 1])[:, 1] for row in (6, 25))
        rise = (first - last) / (25 - 6)
    else:
        ink[..., 15:17, 10:70] = 1  # level
        found = distorted(ink, seeded())[:, 0]
        first, last = (middles(found[:, None, :, x : x + 1])[:, 0] for x in (20, 59))
        rise = (first - last) / (59 - 20)
    assert 0.18 < float(rise.abs().max()) < 0.21
    assert abs(float(rise.mean())) < 0.04
    assert float(middles(found[:, None]).abs().max()) < 0.3


def test_waves_move_neighbours_alike_and_others_not(monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, _WAVE=1.3)
    ink = torch.zeros(60, 1, 32, 200)
    ink[..., 15:17, :] = 1
    found = distorted(ink, seeded())[:, 0]
    y = torch.arange(32) - 15.5
    level = (found.transpose(1, 2) @ y) / found.sum(dim=1)  # of the line in each column
    inner = level[:, 5:-5]
    assert float((inner[:, 1:] - inner[:, :-1]).abs().max()) < 1.0
    assert float(inner.std(dim=1).max()) > 0.5
    assert float(inner.std()) < 1.3
    assert abs(float(inner.mean())) < 0.15


def test_pens_are_wider_thinner_softer_or_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, pens=True)
    ink = boxes(600)
    found = distorted(ink, seeded())
    # Beside the box's edge and at it: a wider pen changes the first, a thinner one the second.
    beside, at = found[:, 0, 15, 29] > 2e-4, found[:, 0, 15, 30] < 0.7999
    wider, thinner, softer = beside & ~at, at & ~beside, at & beside
    same = (found - ink).abs().amax(dim=(1, 2, 3)) < 2e-4
    for share, one in ((0.5, same), (0.15, wider), (0.15, thinner), (0.2, softer)):
        assert float(one.float().mean()) == pytest.approx(share, abs=0.08)
    totals = (found - 1e-4).clamp(0).sum(dim=(1, 2, 3))
    own = float(ink[0].sum())
    # At most one pixel on each side.
    most = own * (14 * 22) / (12 * 20)
    assert 0.95 * most < float(totals.max()) <= most * 1.001
    assert float(totals.min()) >= own * (1 - 0.7 * (1 - 10 * 18 / (12 * 20))) * 0.999
    outer = torch.nn.functional.max_pool2d(ink, 3, 1, 1)
    assert bool((found <= outer + 1e-3).all())
    # What is softer has a rim, as the mean of nine says, and is the same inside.
    edge = found[softer][:, 0, 15, 28:32]
    expected = torch.tensor([0.0, 0.8 / 3, 1.6 / 3, 0.8])
    assert torch.allclose(edge, expected.expand_as(edge), atol=1e-3)


def test_ink_is_darker_or_lighter_and_greys_are_bent(monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, _GAIN=0.35, _GAMMA=0.45)
    ramp = torch.linspace(0, 1, 60).expand(400, 1, 32, 60)
    found = distorted(ramp, seeded())[:, 0, 16]
    assert bool((found[:, 1:] - found[:, :-1] >= -1e-6).all())  # order of greys is kept
    full = found[:, -1]
    assert float(full.min()) == pytest.approx(math.exp(-0.35), abs=0.01)
    assert float((full == 1).float().mean()) == pytest.approx(0.5, abs=0.13)
    # Where nothing is clipped, the ratio of two greys tells gamma.
    gamma = torch.log(found[:, 30] / found[:, 10]) / torch.log(
        ramp[0, 0, 0, 30] / ramp[0, 0, 0, 10]
    )
    clear = found[:, 30] < 1
    assert float(gamma[clear].max()) == pytest.approx(math.exp(0.45), rel=0.03)
    assert float(gamma[clear].min()) == pytest.approx(math.exp(-0.45), rel=0.03)
