"""Tells ruled lines and drawn boxes from strokes, and removes them from a mask of ink.

A straight stroke looks like a line: the stem of a 4, or a 1 at the end of a number. So a ruled
line must go beyond the writing, to the borders of the picture. Where the picture is cut so closely
that strokes reach its borders too, a line must be one of several, or much thinner than the strokes.
"""

from dataclasses import replace
from itertools import pairwise

import numpy as np

from lenet.pictures.components import Mask, box_of, components
from lenet.pictures.straight_lines import Line, crossings, level_lines, without

_TIGHT = 0.03  # of the picture's longest side: a wider margin is not cut close to the ink
_SPECK = 0.12  # of the picture's longest side; smaller pieces are left where lines crossed
_GAP = 0.1  # of the picture's width: the longest gap in a line that does not reach the borders
_BEYOND = 0.06  # of the picture's height: how far a rule goes beyond the writing
_TALL = 1.35  # times as high as the writing: no stroke
_TOUCHED = 0.01  # of the picture's height: a stem is touched by strokes along more of its length
_ENDS = 8  # an eighth of a line at each end may be the corner of a frame
_EVEN = 0.2  # of the spacing: how far a line may lie from its place among several
_THIN = 0.6  # of the width of the strokes; a thinner line was not drawn with their pen
_BOX = 0.35  # of the picture's sides: those of the smallest box
_EDGE = 0.1  # of a box's sides: how far from its edge a side may lie
_FRAME = 0.2  # of the picture's width: how far from its border a frame may stand
_WITHIN = 0.2  # of the height of a box or a rule: writing is at least as high
_WIDE = 1.3  # times as wide as high: the picture of a number


def without_lines(mask: Mask) -> Mask:
    """Remove ruled lines, squares and drawn boxes from a mask; strokes that cross them stay."""
    mask = _without_boxes(mask)
    level, upright = level_lines(mask), level_lines(mask.T)
    if not level and not upright:
        return mask
    level, upright = _framed(level, upright, mask), _framed(upright, level, mask.T)
    writing = _without_specks(without(mask, level, upright))
    if min(_reaching(level), _reaching(upright)) > 1:
        level = [line for line in level if line.reaches]
        upright = [line for line in upright if line.reaches]
    else:
        tight = all(_touches(_without_specks(mask), _tight(mask)))
        if tight and level and upright and not writing.any() and not _is_wide(mask):
            return mask  # a 7, or a 4
        level = _ruled(level, writing, tight)
        upright = _ruled_upright(upright, writing.T, mask.T, tight, bool(level))
    return without(mask, level, upright)


def is_squared(mask: Mask) -> bool:
    """Return True if lines cross the whole picture in both directions, at least three in one."""
    counts = [_reaching(level_lines(plane)) for plane in (mask, mask.T)]
    return min(counts) > 0 and max(counts) > 2


def is_ruled(mask: Mask) -> bool:
    """Return True if a mask that is cut along its ink shows printed lines.

    Lines are printed if there are some in both directions. Otherwise one is printed if it is much
    thinner than the strokes, or if nothing is left of a component without it.
    """
    level, upright = (
        [line for line in level_lines(plane) if line.reaches] for plane in (mask, mask.T)
    )
    if not level and not upright:
        return False
    writing = _without_specks(without(mask, level, upright))
    if not writing.any():
        return False  # a 1, or a 7
    if level and upright:
        return True
    parts = components(_without_specks(mask))
    return bool(_thin(level + upright, writing) or (parts.sums(writing) == 0).any())


def _reaching(lines: list[Line]) -> int:
    return sum(line.reaches for line in lines)


def _without_boxes(mask: Mask) -> Mask:
    """Remove the sides of large boxes with something inside."""
    parts = components(mask)
    extent = parts.boxes[:, 2:] - parts.boxes[:, :2]
    for number in np.flatnonzero((extent >= _BOX * np.array(mask.shape)).all(axis=1)).tolist():
        top, left, bottom, right = parts.boxes[number].tolist()
        inner = mask[top:bottom, left:right]
        level = _outer(level_lines(inner), bottom - top)
        upright = _outer(level_lines(inner.T), right - left) if level else []
        if not upright:
            continue
        writing = without(inner, level, upright)
        _, first, _, last = box_of(_without_specks(writing))
        if last - first >= _WITHIN * (bottom - top):
            mask = mask.copy()
            mask[top:bottom, left:right] = writing
    return mask


def _outer(lines: list[Line], height: int) -> list[Line]:
    """Return the two lines at the edges of a picture; nothing if there are not both."""
    lines = [line for line in lines if line.reaches]
    if not lines or lines[0].middle > _EDGE * height or lines[-1].middle < (1 - _EDGE) * height:
        return []
    return [lines[0], lines[-1]]


def _framed(lines: list[Line], others: list[Line], mask: Mask) -> list[Line]:
    """Let level lines end at an upright one near the border as at the border itself."""
    width = mask.shape[1]
    near = _tight(mask) + _thickest(others)
    sides = [one.middle for one in others if not _FRAME < one.middle / width < 1 - _FRAME]
    return [
        replace(
            line,
            begins=line.begins or any(abs(side - line.first) <= near for side in sides),
            ends=line.ends or any(abs(side - line.last) <= near for side in sides),
        )
        for line in lines
    ]


def _ruled(lines: list[Line], writing: Mask, tight: bool) -> list[Line]:
    """Choose the level lines that are no strokes. `tight`: the picture is cut close to its ink."""
    if not writing.any():
        return lines
    left, _, right, _ = box_of(writing)
    beyond = [line for line in lines if line.first < left and line.last >= right]
    if _are_even(beyond):
        return beyond
    width = writing.shape[1]
    if _is_wide(writing):  # no stroke is so long
        return [line for line in lines if line.reaches or line.gap <= _GAP * width]
    reaching = [line for line in lines if line.reaches]
    begins, _, ends, _ = _touches(writing, _tight(writing) + _thickest(reaching))
    return _thin(reaching, writing) if tight and (begins or ends) else reaching


def _ruled_upright(
    lines: list[Line], writing: Mask, mask: Mask, tight: bool, others: bool
) -> list[Line]:
    """Choose the upright lines that are no strokes; all is transposed.

    Ones are as high as their number. `others`: there are level lines too.
    """
    reaching = [line for line in lines if line.reaches]
    height, width = writing.shape  # the picture's width and height
    if not writing.any():
        one = len(reaching) == 1 and _FRAME < reaching[0].middle / height < 1 - _FRAME
        several = len(reaching) > 1 and height <= width
        return [] if (one or several or tight) and not others else reaching
    apart = [line for line in _apart(lines, writing, mask) if not line.reaches]
    begins, _, ends, _ = _touches(writing, _tight(writing) + _thickest(reaching))
    may_be_ones = (begins and ends) or (tight and (begins or ends))
    return (_thin(reaching, writing) if may_be_ones else reaching) + apart


def _apart(lines: list[Line], writing: Mask, mask: Mask) -> list[Line]:
    """Choose lines that touch no writing and are longer than it is high; all is transposed."""
    parts = components(writing)
    width = writing.shape[1]
    high = parts.boxes[:, 3] - parts.boxes[:, 1] >= _WITHIN * width
    if not high.any():
        return []
    touched = [_is_touched(line, writing, mask) for line in lines]
    stems = [line for line, stem in zip(lines, touched, strict=True) if stem]
    first = min([int(parts.boxes[high, 1].min()), *(stem.first for stem in stems)])
    end = max([int(parts.boxes[high, 3].max()), *(stem.last + 1 for stem in stems)])
    margin = _BEYOND * width
    return [
        line
        for line, stem in zip(lines, touched, strict=True)
        if not stem
        and (
            (line.first < first - margin and line.last >= end + margin)
            or line.last + 1 - line.first >= _TALL * (end - first)
        )
    ]


def _is_touched(line: Line, writing: Mask, mask: Mask) -> bool:
    """Return True if writing touches a line, or other lines do between its ends: a stem."""
    end = (line.last - line.first) // _ENDS
    between = crossings(mask, line)[line.first + end : line.last + 1 - end]
    most = max(np.count_nonzero(crossings(writing, line)), np.count_nonzero(between))
    return bool(most > _TOUCHED * mask.shape[1])


def _are_even(lines: list[Line]) -> bool:
    """Return True if there are at least three lines, evenly spaced or with gaps of some spaces."""
    if len(lines) < 3:
        return False
    gaps = [after.middle - line.middle for line, after in pairwise(lines)]
    spaces = [gap / min(gaps) for gap in gaps]
    return all(abs(one - round(one)) < _EVEN for one in spaces)


def _thin(lines: list[Line], writing: Mask) -> list[Line]:
    """Choose the lines that are much thinner than the strokes."""
    edges = np.count_nonzero(writing[1:] != writing[:-1])
    edges += np.count_nonzero(writing[:, 1:] != writing[:, :-1])
    stroke = 2 * np.count_nonzero(writing) / max(edges * np.pi / 4, 1)
    return [line for line in lines if line.thickness < _THIN * stroke]


def _thickest(lines: list[Line]) -> int:
    return max((line.thickness for line in lines), default=0)


def _tight(mask: Mask) -> int:
    return max(1, round(_TIGHT * max(mask.shape)))


def _is_wide(mask: Mask) -> bool:
    return mask.shape[1] > _WIDE * mask.shape[0]


def _touches(mask: Mask, near: int) -> tuple[bool, bool, bool, bool]:
    """Return whether ink comes near the left, upper, right and lower border."""
    left, top, right, bottom = box_of(mask)
    return left <= near, top <= near, right >= mask.shape[1] - near, bottom >= len(mask) - near


def _without_specks(mask: Mask) -> Mask:
    parts = components(mask)
    extent = parts.boxes[:, 2:] - parts.boxes[:, :2]
    return parts.mask(extent.max(axis=1, initial=0) >= _SPECK * max(mask.shape))
