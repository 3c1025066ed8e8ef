"""What a textbook's chapter argues about convolution, measured on one trained network."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lenet.artifact import Artifact
from lenet.data import Split
from lenet.data.callbacks import SILENT, Listener
from lenet.engine import check_images
from lenet.engine.probabilities import probabilities
from lenet.errors import LenetError
from lenet.evaluation.probe.equivariance import SHIFTS, LayerEquivariance, equivariance
from lenet.evaluation.probe.gradient_field import LayerFields, UnitField, check_fields
from lenet.evaluation.probe.receptive_field import Rectangle
from lenet.evaluation.probe.robustness import Robustness, robustness
from lenet.evaluation.probe.transforms import Images
from lenet.networks.convolution import Convolution

_SHIFTED_IMAGES = 256
# The exercise of "Dive into Deep Learning", section 7.6.4, looks at sweaters and coats.
_CLASSES_OF_THE_EXERCISE = ("pullover", "coat")


@dataclass(frozen=True)
class Shown:
    """An image whose feature maps are looked at, and the network's answer to it."""

    number: int
    truth: str
    answer: str
    probability: float


@dataclass(frozen=True)
class Probe:
    """All measurements.

    Parameters
    ----------
    robustness
        Of ``network``, and of ``mlp`` where there is one.
    images
        How many robustness was measured on.
    equivariance, shifts, shifted_images
        Layer by layer, for these shifts in pixels, over so many images.
    fields
        Receptive fields, layer by layer.
    shown
        The images whose feature maps are drawn.
    """

    robustness: list[Robustness]
    images: int
    equivariance: list[LayerEquivariance]
    shifts: tuple[int, ...]
    shifted_images: int
    fields: list[LayerFields]
    shown: list[Shown]

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "robustness": {
                "images": self.images,
                "changes": [
                    {
                        "name": change.name,
                        "unit": change.unit,
                        "levels": list(change.levels),
                        "accuracy": {name: list(row) for name, row in change.accuracy.items()},
                    }
                    for change in self.robustness
                ],
            },
            "equivariance": {
                "images": self.shifted_images,
                "shifts": list(self.shifts),
                "layers": [
                    {
                        "layer": layer.layer,
                        "jump": layer.jump,
                        "equivariance": list(layer.equivariance),
                        "invariance": list(layer.invariance),
                    }
                    for layer in self.equivariance
                ],
            },
            "receptive_fields": [_fields_json(layer) for layer in self.fields],
            "shown": [
                {
                    "image": image.number,
                    "class": image.truth,
                    "answer": image.answer,
                    "probability": image.probability,
                }
                for image in self.shown
            ],
        }


def probe(
    artifact: Artifact,
    mlp: Artifact | None,
    test: Split,
    numbers: Sequence[int],
    most_images: int | None = None,
    listener: Listener = SILENT,
) -> Probe:
    """Measure everything.

    Parameters
    ----------
    mlp
        Held against the network under changed images, if there is one.
    test
        Labelled images; the network's classes.
    numbers
        Of the images of `test` whose feature maps will be drawn.
    most_images
        Robustness is measured on the first so many; by default on all.

    Raises
    ------
    LenetError
        A network without convolutions, data of other classes, or images it does not read.
    """
    check(artifact, test)
    part = Split(test.images[:most_images], test.labels[:most_images], test.classes)
    classifiers = {"network": artifact} | ({"mlp": mlp} if mlp is not None else {})
    shifted = test.images[:_SHIFTED_IMAGES]
    return Probe(
        robustness=robustness(classifiers, part, listener=listener),
        images=len(part),
        equivariance=equivariance(artifact, shifted),
        shifts=SHIFTS,
        shifted_images=len(shifted),
        fields=check_fields(artifact),
        shown=[_shown(artifact, test, number) for number in numbers],
    )


def check(artifact: Artifact, test: Split) -> None:
    """Raise a `LenetError` for what cannot be probed; see `probe`."""
    if not any(isinstance(layer, Convolution) for layer in artifact.network.layers):
        raise LenetError(
            f"{artifact.network.name} has no convolutions to look into; name a run that has"
        )
    if test.classes != artifact.classes:
        raise LenetError(
            f"the network knows the classes {', '.join(artifact.classes[:4])}, …, the data "
            f"{', '.join(test.classes[:4])}, …; name data with the network's classes"
        )
    check_images(artifact.network, test.images)


def chosen_images(test: Split) -> list[int]:
    """Return the numbers of images worth a look.

    They are the first two pullovers and the first two coats, as the chapter's exercise asks for,
    or where there are no such classes, the first image of each of the first four.
    """
    if set(_CLASSES_OF_THE_EXERCISE) <= set(test.classes):
        wanted = [(test.classes.index(name), 2) for name in _CLASSES_OF_THE_EXERCISE]
    else:
        wanted = [(label, 1) for label in range(min(4, len(test.classes)))]
    found = [np.flatnonzero(test.labels == label)[:count] for label, count in wanted]
    return [int(number) for numbers in found for number in numbers] or [0]


def _shown(artifact: Artifact, test: Split, number: int) -> Shown:
    image: Images = test.images[number : number + 1]
    scores = artifact.forward(image)
    answer = int(scores[0].argmax())
    return Shown(
        number,
        test.classes[int(test.labels[number])],
        test.classes[answer],
        float(probabilities(artifact.network, scores)[0, answer]),
    )


def _fields_json(layer: LayerFields) -> dict[str, Any]:
    place = layer.geometry
    return {
        "layer": layer.layer,
        "size": place.size if place else None,
        "jump": place.jump if place else None,
        "start": place.start if place else None,
        "units": len(layer.units),
        "equal": layer.equal,
        "unequal": [_unit_json(unit) for unit in layer.units if not unit.equal],
        "examples": {name: _unit_json(unit) for name, unit in layer.named().items()},
    }


def _unit_json(field: UnitField) -> dict[str, Any]:
    return {
        "unit": list(field.unit),
        "by_geometry": _box(field.by_geometry),
        "by_gradient": _box(field.by_gradient),
    }


def _box(area: Rectangle | None) -> list[int] | None:
    """``[top, left, height, width]``."""
    return [area.top, area.left, area.height, area.width] if area else None
