"""Chooses what calibrates a trained network: held-out images, theory, or a second training."""

from collections.abc import Callable

from lenet.artifact import Artifact
from lenet.calibration.calibration import Calibration
from lenet.calibration.fit import calibrate
from lenet.data import Dataset
from lenet.engine.losses import PLACE_CODE_SLOPE, loss_of
from lenet.training.assembly import new_weights
from lenet.training.checkpoint import Settings
from lenet.training.cross_fit import cross_fitted


def calibration_of(
    artifact: Artifact,
    settings: Settings,
    data: Dataset,
    source: Artifact | None,
    should_stop: Callable[[], bool],
) -> Calibration | None:
    """Return the calibration of a trained network; None if its recipe asks for none.

    Parameters
    ----------
    artifact
        The trained network.
    source
        The trained network that its first weights were from; None for random ones.
    should_stop
        Called before a second training and after each of its steps; True stops it.

    Raises
    ------
    lenet.training.loop.Interrupted
        `should_stop` returned True.
    """
    network, recipe, validation = artifact.network, settings.recipe, data.validation
    if validation is not None:
        scores = artifact.forward(validation.images)
        negatives = recipe.extra_examples is not None
        return calibrate(network, scores, validation.labels, negatives)
    if recipe.second_order.discriminative and loss_of(network) == "squared error":
        # Squashed outputs that minimise equation 9 are posteriors at this temperature.
        return Calibration(temperature=1 / PLACE_CODE_SLOPE)
    if recipe.cross_fit and loss_of(network) != "squared error":
        first = new_weights(network, settings, data.classes, source)
        return cross_fitted(settings, network, first, data.train, should_stop)
    return None
