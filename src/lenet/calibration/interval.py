"""How far the share counted on a test set may lie from the true one."""

from math import sqrt
from statistics import NormalDist


def wilson_interval(wrong: int, count: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return Wilson's score interval of a share, of `wrong` among `count`.

    Unlike the usual mean ± 1.96 standard errors it holds for small shares too, and never leaves
    0 to 1.

    Source: Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", Journal
    of the American Statistical Association 22(158), 1927, pages 209-212.

    Raises
    ------
    ValueError
        Not ``0 <= wrong <= count`` with a positive count, or a confidence outside 0 to 1.
    """
    if count <= 0 or not 0 <= wrong <= count:
        raise ValueError(f"{wrong} wrong of {count}")
    if not 0 < confidence < 1:
        raise ValueError(f"a confidence of {confidence}")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share = wrong / count
    spread = z * z / count
    middle = (share + spread / 2) / (1 + spread)
    half = sqrt(share * (1 - share) * spread + spread * spread / 4) / (1 + spread)
    # At the ends the exact bound is 0 or 1; rounding must not put it elsewhere.
    low = 0.0 if wrong == 0 else middle - half
    high = 1.0 if wrong == count else middle + half
    return low, high
