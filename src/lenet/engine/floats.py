"""The type of all that is computed."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
"""float32; the NumPy functions here take float64 as well, and keep it."""
