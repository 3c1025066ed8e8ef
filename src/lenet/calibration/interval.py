"""Computes the confidence interval of a proportion, such as an error rate on a test set."""

from math import sqrt
from statistics import NormalDist


def wilson_interval(wrong: int, count: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return Wilson's score interval of the proportion ``wrong / count``.

    Unlike the usual mean ± 1.96 standard errors it is also accurate for small proportions, and
    stays within 0 to 1. Source: Wilson, "Probable Inference, the Law of Succession, and Statistical
    Inference", Journal of the American Statistical Association 22(158), 1927, pages 209-212.

    Raises
    ------
    ValueError
        Not ``0 <= wrong <= count``, no positive count, or a confidence outside 0 to 1.

    Examples
    --------
    >>> low, high = wilson_interval(wrong=95, count=10_000)
    >>> f"{low:.2%} to {high:.2%}"
    '0.78% to 1.16%'
    """
    if count <= 0 or not 0 <= wrong <= count:
        raise ValueError(f"there cannot be {wrong} wrong of {count}")
    if not 0 < confidence < 1:
        raise ValueError(f"a level of confidence lies between 0 and 1; it cannot be {confidence}")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    proportion = wrong / count
    width = z * z / count
    middle = (proportion + width / 2) / (1 + width)
    half = sqrt(proportion * (1 - proportion) * width + width * width / 4) / (1 + width)
    # Rounding must not move the bounds that are exactly 0 or 1.
    return 0.0 if wrong == 0 else middle - half, 1.0 if wrong == count else middle + half
