"""The classifiers that LeNet is held against, trained by scikit-learn. Nothing else imports it.

How they are set was chosen on MNIST and Fashion-MNIST together: trained on 10,000 training images
of each, the setting with the least product of mistakes on 2,000 other training images of each
(``benchmarks/compare_choices.py``, ``benchmarks/results/compare_choices.json``). Test images took
no part in it.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from lenet.data import Split
from lenet.engine import Normalization
from lenet.engine.native import default_threads
from lenet.evaluation.compare.kernel_machine import RBF, Floats, Kernel, KernelMachine, Polynomial

Images = NDArray[np.uint8]
Labels = NDArray[np.int64]
Scores = NDArray[np.floating[Any]]
Setting = Mapping[str, float]

CHOSEN: dict[str, Setting] = {
    "svm-rbf": {"C": 10, "gamma": 2},
    "svm-poly4": {"C": 1, "gamma": 2, "offset": 1},
    "knn": {"k": 3},
    "logistic": {"C": 0.1},
    "forest": {"trees": 200, "pixels": 0.036},
}
"""The setting of each classifier.

``C``, large for little regularisation; ``gamma`` of the kernels, in units of 1 / (pixels an image ×
variance of the pixels); the polynomial's ``offset``; ``k`` neighbours; the forest's ``trees``, and
the share of all ``pixels`` that each node may choose from.
"""

_DEGREE = 4  # the 1998 paper's polynomial (Figure 9)
_CACHE = 500.0  # megabytes of kernels that each machine remembers while it is trained


@dataclass(frozen=True)
class Cost:
    """What a trained classifier stores and does.

    Parameters
    ----------
    parameters
        Numbers stored.
    multiply_accumulates
        For one image; None where there are none.
    comparisons
        Of a pixel with a threshold, for one image, on average over the training images.
    """

    parameters: int
    multiply_accumulates: int | None
    comparisons: float | None = None


@dataclass(frozen=True)
class Trained:
    """A trained classifier: `scores` gives ``[N, classes]`` for uint8 ``[N, H, W(, C)]``."""

    scores: Callable[[Images], Scores]
    cost: Cost
    answered_by: str = "NumPy"


class _Estimator(Protocol):
    """What we use of scikit-learn's classifiers, which come without type stubs."""

    @property
    def classes_(self) -> Labels: ...
    def fit(self, pixels: Floats, labels: Labels) -> object: ...
    def predict_proba(self, pixels: Floats) -> Scores: ...


def train(name: str, split: Split, seed: int = 0, setting: Setting | None = None) -> Trained:
    """Train the classifier called `name`, a key of `CHOSEN`.

    Parameters
    ----------
    split
        Training images of any size.
    seed
        For the forest; the others draw nothing.
    setting
        Instead of ``CHOSEN[name]``.

    Raises
    ------
    ModuleNotFoundError
        scikit-learn is not installed.
    """
    return _TRAINERS[name](split, seed, setting or CHOSEN[name])


def require() -> None:
    """Raise ModuleNotFoundError now rather than after an hour if scikit-learn is missing."""
    import_module("sklearn")


def pixels_of(images: Images) -> Floats:
    """Return float32 ``[N, pixels]``, each divided by 255."""
    return Normalization()(images.reshape(len(images), -1).astype(np.float32))


def _svm(
    kernel_of: Callable[[float, Setting], Kernel], split: Split, seed: int, setting: Setting
) -> Trained:
    from sklearn import svm  # pyright: ignore[reportMissingTypeStubs]

    pixels = pixels_of(split.images)
    gamma = setting["gamma"] / (pixels.shape[1] * max(float(pixels.var()), 1e-12))
    kernel = kernel_of(gamma, setting)
    exact = pixels.astype(np.float64)  # what libsvm wants; converted once for all classes

    def against_the_rest(label: int) -> Any:
        common: dict[str, Any] = {"C": setting["C"], "gamma": gamma, "cache_size": _CACHE}
        if isinstance(kernel, Polynomial):
            common |= {"kernel": "poly", "degree": kernel.degree, "coef0": kernel.offset}
        machine: Any = svm.SVC(**common)
        machine.fit(exact, split.labels == label)
        return machine

    known = np.unique(split.labels)
    # libsvm uses one thread and lets others run meanwhile.
    with ThreadPoolExecutor(default_threads()) as pool:
        machines = list(pool.map(against_the_rest, known.tolist()))
    supports = np.unique(np.concatenate([machine.support_ for machine in machines]))
    coefficients = np.zeros((len(supports), len(known)), np.float32)
    for column, machine in enumerate(machines):
        own = cast("Labels", machine.support_)
        coefficients[np.searchsorted(supports, own), column] = machine.dual_coef_[0]
    intercepts = np.array([machine.intercept_[0] for machine in machines], np.float32)
    trained = KernelMachine(kernel, pixels[supports], coefficients, intercepts)
    cost = Cost(trained.parameters, trained.multiply_accumulates)

    def scores(images: Images) -> Scores:
        return _in_place(trained.scores(pixels_of(images)), known, len(split.classes))

    return Trained(scores, cost)


def _neighbours(split: Split, seed: int, setting: Setting) -> Trained:
    from sklearn.neighbors import (  # pyright: ignore[reportMissingTypeStubs]
        KNeighborsClassifier,
    )

    nearest: Any = KNeighborsClassifier(
        min(int(setting["k"]), len(split)), weights="distance", algorithm="brute", n_jobs=-1
    )
    size = split.images.size
    return _fitted(nearest, split, lambda: Cost(size + len(split), size))


def _logistic(split: Split, seed: int, setting: Setting) -> Trained:
    from sklearn.linear_model import (  # pyright: ignore[reportMissingTypeStubs]
        LogisticRegression,
    )

    model: Any = LogisticRegression(C=setting["C"], max_iter=3000)
    model.fit(pixels_of(split.images), split.labels)
    weights, biases = model.coef_.astype(np.float32), model.intercept_.astype(np.float32)

    def scores(images: Images) -> Scores:
        sums = pixels_of(images) @ weights.T + biases
        if len(biases) == 1:  # of two classes, scikit-learn scores the second alone
            sums = np.hstack([np.zeros_like(sums), sums])
        return _in_place(sums, model.classes_, len(split.classes))

    return Trained(scores, Cost(weights.size + biases.size, weights.size))


def _forest(split: Split, seed: int, setting: Setting) -> Trained:
    from sklearn.ensemble import (  # pyright: ignore[reportMissingTypeStubs]
        RandomForestClassifier,
    )

    share: Any = setting["pixels"]  # the type that is inferred for it is that of its default
    forest: Any = RandomForestClassifier(
        int(setting["trees"]), max_features=share, n_jobs=-1, random_state=seed
    )

    def cost() -> Cost:
        trees = [tree.tree_ for tree in forest.estimators_]
        parameters, comparisons = 0, 0.0
        for tree in trees:
            inner = tree.children_left >= 0
            # An inner node stores a pixel's number, a threshold and two children; a leaf the
            # classes' shares.
            leaves = int(np.count_nonzero(~inner))
            parameters += 4 * int(np.count_nonzero(inner)) + leaves * len(forest.classes_)
            # Each inner node compares once for each training image that comes by.
            passing = tree.weighted_n_node_samples
            comparisons += float(passing[inner].sum() / passing[0])
        return Cost(parameters, None, comparisons)

    return _fitted(forest, split, cost)


def _fitted(estimator: object, split: Split, cost: Callable[[], Cost]) -> Trained:
    model = cast("_Estimator", estimator)
    model.fit(pixels_of(split.images), split.labels)

    def scores(images: Images) -> Scores:
        shares = model.predict_proba(pixels_of(images))
        return _in_place(shares, model.classes_, len(split.classes))

    return Trained(scores, cost(), "scikit-learn")


def _in_place(scores: Scores, known: Labels, classes: int) -> Scores:
    """Put each score in its class's column; a class without training images never wins."""
    if len(known) == classes:
        return scores
    result = np.full((len(scores), classes), -np.inf, scores.dtype)
    result[:, known] = scores
    return result


def _rbf(gamma: float, setting: Setting) -> Kernel:
    return RBF(gamma)


def _polynomial(gamma: float, setting: Setting) -> Kernel:
    return Polynomial(gamma, setting["offset"], _DEGREE)


_TRAINERS: dict[str, Callable[[Split, int, Setting], Trained]] = {
    "svm-rbf": partial(_svm, _rbf),
    "svm-poly4": partial(_svm, _polynomial),
    "knn": _neighbours,
    "logistic": _logistic,
    "forest": _forest,
}
