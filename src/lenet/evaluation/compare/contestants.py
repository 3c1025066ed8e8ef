"""Lists the classifiers to compare: how size and work are counted, and the 1998 paper's results.

The paper: LeCun, Bottou, Bengio, Haffner, "Gradient-Based Learning Applied to Document
Recognition", Proc. IEEE 86(11), 1998, Figure 9 (test error on MNIST; LeNet-5's also on page 10 of
the authors' copy) and Figure 10 (share to reject for 0.5% error; it has no bar for LeNet-5).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from lenet.errors import LenetError, did_you_mean
from lenet.evaluation.compare.classifiers import CHOSEN
from lenet.networks import TITLES

Kind = Literal["convolutional", "fully connected", "other"]


@dataclass(frozen=True)
class Contestant:
    """A classifier before it is trained.

    Parameters
    ----------
    name
        The name on the command line. It is also the name of a network in `lenet.networks.NETWORKS`,
        or the key of another classifier in `lenet.evaluation.compare.classifiers.CHOSEN`.
    title
        The name in tables and pictures.
    outputs
        The meaning of its scores. The images with the smallest difference of the two largest
        scores are rejected.
    parameters
        The numbers that count as its parameters.
    work
        The operations that count as its multiply-accumulates.
    paper_error, paper_rejected
        The 1998 paper's figures for a classifier of this kind, in percent; empty if it has none.
    recipe
        The training recipe of a network (`lenet.training.recipes.RECIPES`); None for others.
    """

    name: str
    title: str
    kind: Kind
    outputs: str
    parameters: str
    work: str
    paper_error: str = ""
    paper_rejected: str = ""
    recipe: str | None = None


_NETWORK = "class scores", "weights and biases", "weights times the places where they are used"
_CONVOLUTIONAL: tuple[Kind, str, str, str] = ("convolutional", *_NETWORK)
_MLP: tuple[Kind, str, str, str] = ("fully connected", *_NETWORK)
_SVM: tuple[Kind, str, str, str] = (
    "other",
    "decision values of one machine per class against the rest",
    "pixels of the distinct support vectors, coefficients, intercepts",
    "support vectors × (pixels + classes), without the kernel's exponential or power",
)
_PAPER_300 = "4.7 (300 units)", "3.2 (300 units, deslanted)"

CONTESTANTS: tuple[Contestant, ...] = (
    Contestant("lenet", TITLES["lenet"], *_CONVOLUTIONAL, recipe="chapter"),
    Contestant("modern", TITLES["modern"], *_CONVOLUTIONAL, recipe="modern"),
    Contestant("lecun1998", TITLES["lecun1998"], *_CONVOLUTIONAL, "0.95", recipe="lecun1998"),
    Contestant("mlp-77", "MLP, 77 hidden units", *_MLP, *_PAPER_300, recipe="modern"),
    Contestant("mlp-524", "MLP, 524 hidden units", *_MLP, "4.5 (1,000 units)", recipe="modern"),
    Contestant("svm-rbf", "SVM, RBF kernel", *_SVM),
    Contestant("svm-poly4", "SVM, polynomial of degree 4", *_SVM, "1.1", "1.8"),
    Contestant(
        "knn",
        f"{CHOSEN['knn']['k']:g} nearest neighbours",
        "other",
        "the neighbours' normalized votes, weighted by 1 / distance",
        "pixels and labels of all training images",
        "training images × pixels",
        "5.0",
        "8.1 (deslanted)",
    ),
    Contestant(
        "logistic", "logistic regression", "other", *_NETWORK[:2], "weights", "12.0 (linear)"
    ),
    Contestant(
        "forest",
        f"random forest, {CHOSEN['forest']['trees']:g} trees",
        "other",
        "class probabilities, the mean over the trees",
        "4 numbers per inner node (pixel, threshold, two children), the class probabilities per "
        "leaf",
        "none; comparisons instead, on average over the training images",
    ),
)
"""In the order in which they are measured and shown."""


def contestants_named(names: Sequence[str]) -> tuple[Contestant, ...]:
    """Return the classifiers called `names`, in the order of `CONTESTANTS`.

    Raises
    ------
    LenetError
        A name is unknown.
    """
    known = {one.name: one for one in CONTESTANTS}
    for name in names:
        if name not in known:
            raise LenetError(
                f"no classifier is called {name!r}; known are {', '.join(known)}."
                + did_you_mean(name, known)
            )
    return tuple(one for one in CONTESTANTS if one.name in names)
