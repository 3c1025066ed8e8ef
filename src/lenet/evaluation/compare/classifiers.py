"""Trains the classifiers that LeNet is compared with. No other module uses scikit-learn.

Their settings were chosen on MNIST and Fashion-MNIST together: after training on 10,000 training
images of each, the chosen setting has the smallest product of the numbers of mistakes on 2,000
other training images of each (``benchmarks/compare_choices.py``,
``benchmarks/results/compare_choices.json``). Test images took no part in it.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.data import Split
from lenet.engine import Normalization
from lenet.engine.native import default_threads
from lenet.evaluation.compare.kernel_machine import RBF, Floats, KernelMachine, Polynomial
from lenet.pictures.types import Images, Labels

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

``C`` is the inverse strength of the regularisation; ``gamma`` belongs to the kernels, in units of
1 / (pixels per image × variance of the pixels), and ``offset`` to the polynomial kernel; ``k`` is
the number of neighbours; ``trees`` the number of trees, and ``pixels`` the share of all pixels that
each node may choose from.
"""

_DEGREE = 4  # the 1998 paper's polynomial (Figure 9)
_CACHE = 500.0  # megabytes of kernel values that each machine caches while it is trained


@dataclass(frozen=True)
class Cost:
    """The size and the work of a trained classifier.

    Parameters
    ----------
    parameters
        How many numbers it stores.
    multiply_accumulates
        Per image; None if there are none.
    comparisons
        Comparisons of a pixel with a threshold, per image, on average over the training images.
    """

    parameters: int
    multiply_accumulates: int | None
    comparisons: float | None = None


@dataclass(frozen=True)
class Trained:
    """A trained classifier, and what it costs.

    `scores` takes images, uint8 ``[N, H, W]`` or ``[N, H, W, C]``, and returns their scores,
    ``[N, classes]``. `answered_by` names the software that computes the scores.
    """

    scores: Callable[[Images], Scores]
    cost: Cost
    answered_by: str


def train(name: str, split: Split, seed: int = 0, setting: Setting | None = None) -> Trained:
    """Train the classifier called `name`, a key of `CHOSEN`.

    Parameters
    ----------
    split
        Training images of any size.
    seed
        The forest's seed; the other classifiers use no random numbers.
    setting
        By default ``CHOSEN[name]``.

    Raises
    ------
    ModuleNotFoundError
        scikit-learn is not installed.
    """
    pixels = pixels_of(split.images)
    fit = _TRAINERS[name]
    of_known, cost, answered_by = fit(pixels, split.labels, seed, setting or CHOSEN[name])
    known, classes = np.unique(split.labels), len(split.classes)

    def scores(images: Images) -> Scores:
        found = of_known(pixels_of(images))
        if len(known) == classes:
            return found
        # A class without training images never wins.
        result = np.full((len(found), classes), -np.inf, found.dtype)
        result[:, known] = found
        return result

    return Trained(scores, cost, answered_by)


def require() -> None:
    """Raise ModuleNotFoundError now rather than after an hour if scikit-learn is missing."""
    import_module("sklearn")


def pixels_of(images: Images) -> Floats:
    """Return float32 ``[N, pixels]``, each divided by 255."""
    return Normalization()(images.reshape(len(images), -1).astype(np.float32))


# Each of the functions below returns a function from pixels ``[N, pixels]`` to the scores of the
# classes that have training images, the cost, and the software that computes the scores.
# scikit-learn comes without type stubs, so its objects are of the type Any.
_Fitted = tuple[Callable[[Floats], Scores], Cost, str]


def _svm(pixels: Floats, labels: Labels, seed: int, setting: Setting) -> _Fitted:
    from sklearn import svm  # pyright: ignore[reportMissingTypeStubs]

    gamma = setting["gamma"] / (pixels.shape[1] * max(float(pixels.var()), 1e-12))
    options: dict[str, Any] = {"C": setting["C"], "gamma": gamma, "cache_size": _CACHE}
    kernel = RBF(gamma)
    if "offset" in setting:
        kernel = Polynomial(gamma, setting["offset"], _DEGREE)
        options |= {"kernel": "poly", "degree": kernel.degree, "coef0": kernel.offset}
    exact = pixels.astype(np.float64)  # the dtype of libsvm, converted once for all classes

    def against_the_rest(label: int) -> Any:
        machine: Any = svm.SVC(**options)
        return machine.fit(exact, labels == label)

    known = np.unique(labels)
    # libsvm uses one thread and releases the interpreter's lock.
    with ThreadPoolExecutor(default_threads()) as pool:
        machines = list(pool.map(against_the_rest, known.tolist()))
    supports = np.unique(np.concatenate([machine.support_ for machine in machines]))
    coefficients = np.zeros((len(supports), len(known)), np.float32)
    for column, machine in enumerate(machines):
        coefficients[np.searchsorted(supports, machine.support_), column] = machine.dual_coef_[0]
    intercepts = np.array([machine.intercept_[0] for machine in machines], np.float32)
    trained = KernelMachine(kernel, pixels[supports], coefficients, intercepts)
    return trained.scores, Cost(trained.parameters, trained.multiply_accumulates), "NumPy"


def _neighbours(pixels: Floats, labels: Labels, seed: int, setting: Setting) -> _Fitted:
    from sklearn import neighbors  # pyright: ignore[reportMissingTypeStubs]

    count = min(int(setting["k"]), len(labels))
    nearest: Any = neighbors.KNeighborsClassifier(
        count, weights="distance", algorithm="brute", n_jobs=-1
    )
    nearest.fit(pixels, labels)
    return nearest.predict_proba, Cost(pixels.size + len(labels), pixels.size), "scikit-learn"


def _logistic(pixels: Floats, labels: Labels, seed: int, setting: Setting) -> _Fitted:
    from sklearn import linear_model  # pyright: ignore[reportMissingTypeStubs]

    model: Any = linear_model.LogisticRegression(C=setting["C"], max_iter=3000)
    model.fit(pixels, labels)
    weights, biases = model.coef_.astype(np.float32), model.intercept_.astype(np.float32)

    def scores(pixels: Floats) -> Scores:
        sums = pixels @ weights.T + biases
        # With two classes, scikit-learn only returns the score of the second.
        return np.hstack([np.zeros_like(sums), sums]) if len(biases) == 1 else sums

    return scores, Cost(weights.size + biases.size, weights.size), "NumPy"


def _forest(pixels: Floats, labels: Labels, seed: int, setting: Setting) -> _Fitted:
    from sklearn import ensemble  # pyright: ignore[reportMissingTypeStubs]

    share: Any = setting["pixels"]  # pyright infers a narrower type from the default
    forest: Any = ensemble.RandomForestClassifier(
        int(setting["trees"]), max_features=share, n_jobs=-1, random_state=seed
    )
    forest.fit(pixels, labels)
    parameters, comparisons = 0, 0.0
    for tree in (one.tree_ for one in forest.estimators_):
        inner = tree.children_left >= 0
        # An inner node stores the index of a pixel, a threshold and two children; a leaf stores
        # the probabilities of the classes.
        leaves = int(np.count_nonzero(~inner))
        parameters += 4 * int(np.count_nonzero(inner)) + leaves * len(forest.classes_)
        # Each inner node compares once for each training image that passes through it.
        passing = tree.weighted_n_node_samples
        comparisons += float(passing[inner].sum() / passing[0])
    return forest.predict_proba, Cost(parameters, None, comparisons), "scikit-learn"


_TRAINERS: dict[str, Callable[[Floats, Labels, int, Setting], _Fitted]] = {
    "svm-rbf": _svm,
    "svm-poly4": _svm,
    "knn": _neighbours,
    "logistic": _logistic,
    "forest": _forest,
}
