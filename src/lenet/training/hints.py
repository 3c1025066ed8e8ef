"""Says that a training has learned nothing, and what to do then."""

from lenet.training.progress import Epoch
from lenet.training.recipe import Recipe

# Sigmoids with the chapter's recipe were still at chance after 240 steps on MNIST's digits, and
# begin to learn after some hundred on Fashion-MNIST.
_FEW_STEPS = 500
_NEAR = 0.02

_OWN = "use --recipe own, which learns from small data sets too"
_OTHER = "try another --seed, more --epochs, or a smaller --lr"


def after_an_epoch(epoch: Epoch, chance: float, recipe: Recipe, steps: int) -> str | None:
    """Return what to say if the first epoch learned nothing; None if there is nothing to say.

    Parameters
    ----------
    chance
        The accuracy on the test images of always answering their most frequent class.
    steps
        Steps of an epoch.
    """
    if epoch.epoch > 1 or epoch.epoch == recipe.epochs or epoch.test_accuracy > chance + 0.01:
        return None
    advice = "With sigmoids the first epochs can be like this; it usually starts soon."
    all_steps = steps * recipe.epochs
    if _is_modern(recipe):
        advice = "It may still start."
    elif recipe.method == "sgd" and all_steps < _FEW_STEPS:
        advice = f"In {all_steps:,} steps recipe {recipe.name} may never start; {_OWN}."
    correct = f"{epoch.test_accuracy:.1%} correct"
    return f"epoch {epoch.epoch} learned nothing: {correct} is what guessing gives. {advice}"


def at_the_end(last: Epoch, chance: float, train_chance: float, recipe: Recipe) -> str | None:
    """Return what to do if the whole training learned nothing; None if it learned.

    Parameters
    ----------
    chance, train_chance
        The accuracies on the test and on the training images of always answering the most
        frequent class.
    """
    if last.train_accuracy <= train_chance + _NEAR:
        advice = _OTHER if _is_modern(recipe) else f"{_OWN}, or {_OTHER}"
        return (
            f"the network learned nothing: {last.train_accuracy:.1%} of the training images and "
            f"{last.test_accuracy:.1%} of the test images are correct, which is what guessing "
            f"gives; {advice}"
        )
    if last.test_accuracy <= chance + 0.01:
        return (
            f"the network learned its training images ({last.train_accuracy:.1%} correct), but of "
            f"the test images only {last.test_accuracy:.1%} are correct, which is what guessing "
            "gives; check that both parts have the same classes and labels, or add images"
        )
    return None


def _is_modern(recipe: Recipe) -> bool:
    # `--model modern` alone keeps the chapter's rate and initialization, which do not suit ReLU.
    return recipe.initialization == "he"
