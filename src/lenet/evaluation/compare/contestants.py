"""Whom LeNet is compared with, what is counted of each, and what the 1998 paper found for its kind.

The paper's figures: LeCun, Bottou, Bengio, Haffner, "Gradient-Based Learning Applied to Document
Recognition", Proc. IEEE 86(11), 1998, Figure 9 (test error on MNIST; LeNet-5's also on page 10 of
the authors' copy) and Figure 10 (share to reject for 0.5% error; it has no bar for LeNet-5).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from lenet.errors import LenetError, did_you_mean
from lenet.evaluation.compare.classifiers import CHOSEN

Kind = Literal["convolutional", "fully connected", "other"]


@dataclass(frozen=True)
class Contestant:
    """A classifier before it is trained.

    Parameters
    ----------
    name
        On the command line; that of `lenet.evaluation.compare.classifiers` if `recipe` is None.
    title
        In tables and pictures.
    recipe
        For networks, a name of `lenet.training.recipe.RECIPES`.
    network
        Instead of the recipe's, a name of `lenet.networks.NETWORKS`.
    outputs
        What its scores are: the difference of the two largest decides what is rejected.
    parameters
        What counts as a stored number.
    work
        What counts as a multiply-accumulate.
    paper_error, paper_rejected
        What the paper has for its kind, in percent; empty where it has nothing.
    """

    name: str
    title: str
    kind: Kind
    recipe: str | None
    network: str | None
    outputs: str
    parameters: str
    work: str
    paper_error: str = ""
    paper_rejected: str = ""


def _network(
    name: str, title: str, kind: Kind, recipe: str, error: str = "", rejected: str = ""
) -> Contestant:
    return Contestant(
        name, title, kind, recipe, name, "class scores",
        "weights and biases", "weights times the places where they are used", error, rejected,
    )  # fmt: skip


def _other(
    name: str,
    title: str,
    outputs: str,
    parameters: str,
    work: str,
    error: str = "",
    rejected: str = "",
) -> Contestant:
    return Contestant(
        name, title, "other", None, None, outputs, parameters, work, error, rejected
    )  # fmt: skip


_SVM = (
    "decision values of one machine a class against the rest",
    "pixels of the distinct support vectors, coefficients, intercepts",
    "support vectors × (pixels + classes), the kernel's exponential or power left out",
)

CONTESTANTS: tuple[Contestant, ...] = (
    _network("lenet", "LeNet, the chapter's", "convolutional", "chapter"),
    _network("modern", "LeNet, ReLU and max pooling", "convolutional", "modern"),
    _network("lecun1998", "LeNet-5 of 1998", "convolutional", "lecun1998", "0.95"),
    _network(
        "mlp-77", "MLP, 77 hidden units", "fully connected", "modern",
        "4.7 (300 units)", "3.2 (300 units, deslanted)",
    ),
    _network("mlp-524", "MLP, 524 hidden units", "fully connected", "modern", "4.5 (1,000 units)"),
    _other("svm-rbf", "SVM, RBF kernel", *_SVM),
    _other("svm-poly4", "SVM, polynomial of degree 4", *_SVM, "1.1", "1.8"),
    _other(
        "knn", f"{CHOSEN['knn']['k']:g} nearest neighbours",
        "shares of the neighbours' votes, weighted by 1 / distance",
        "pixels and labels of all training images", "training images × pixels",
        "5.0", "8.1 (deslanted)",
    ),
    _other(
        "logistic", "logistic regression", "class scores", "weights and biases", "weights",
        "12.0 (linear)",
    ),
    _other(
        "forest", f"random forest, {CHOSEN['forest']['trees']:g} trees",
        "mean of the trees' class shares",
        "4 numbers an inner node (pixel, threshold, two children), the classes' shares a leaf",
        "none; comparisons instead, on average over the training images",
    ),
)  # fmt: skip
"""In the order in which they are measured and shown."""


def contestants_named(names: Sequence[str]) -> tuple[Contestant, ...]:
    """Return those called `names`, in the usual order; an unknown name is a `LenetError`."""
    known = {one.name: one for one in CONTESTANTS}
    for name in names:
        if name not in known:
            raise LenetError(
                f"no classifier is called {name!r}; known are {', '.join(known)}."
                + did_you_mean(name, known)
            )
    return tuple(one for one in CONTESTANTS if one.name in names)
