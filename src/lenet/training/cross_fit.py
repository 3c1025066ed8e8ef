"""Calibrates a network trained on all images, by a second network that left some of them out.

Where images are few, each one that is held out to calibrate costs accuracy. Here the network that
is kept learns from all. A second one, trained in the same way on four fifths, scores the other
fifth, and these scores fit temperature and thresholds. The second network has seen fewer images,
for half as many epochs, so its errors are a cautious estimate of the first one's.
"""

from collections.abc import Callable
from dataclasses import replace

from lenet.calibration.calibration import UNCALIBRATED, Calibration
from lenet.calibration.fit import calibrate
from lenet.data.callbacks import SILENT
from lenet.data.split import Split, split_off
from lenet.engine import Predictor
from lenet.networks import Network
from lenet.training.assembly import new_trainer
from lenet.training.callbacks import TrainingCallbacks
from lenet.training.checkpoint import Settings
from lenet.training.loop import Interrupted, Loop
from lenet.training.own_data import shown, smoothed
from lenet.training.progress import Progress
from lenet.training.weights import Weights

SHARE = 0.2
"""The share of each class's images that the second network does not see."""


def cross_fitted(
    settings: Settings,
    network: Network,
    first: Weights,
    train: Split,
    should_stop: Callable[[], bool] = lambda: False,
) -> Calibration:
    """Train a second network on part of the images, and calibrate by the others.

    Parameters
    ----------
    first
        Its first parameters, which training changes.
    train
        All training images. If no class has more than one image, nothing is calibrated.
    should_stop
        Called before the training and after every step; True stops it.

    Raises
    ------
    lenet.training.loop.Interrupted
        `should_stop` returned True.
    """
    if should_stop():
        raise Interrupted
    recipe = replace(settings.recipe, epochs=max(1, settings.recipe.epochs // 2))
    kept, held_out = split_off(train.labels, SHARE, settings.seed)
    if not len(held_out):
        return UNCALIBRATED
    part, rest = train.take(kept), train.take(held_out)
    part = part.take(shown(recipe, part.labels))
    targets = smoothed(part.labels, network, recipe.smoothing) if recipe.smoothing else None
    settings = replace(settings, recipe=recipe)
    trainer = new_trainer(settings, network, first, part, targets, SILENT)
    loop = Loop(
        recipe,
        settings.seed,
        trainer,
        test_accuracy=lambda: 0.0,
        chance=0.0,
        progress=Progress(),
        callbacks=TrainingCallbacks(),
        save=lambda: None,
        should_stop=should_stop,
    )
    loop.run()
    predictor = Predictor(network, first.arrays(), recipe.normalization)
    return calibrate(network, predictor.forward(rest.images), rest.labels)
