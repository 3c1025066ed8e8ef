"""Makes all measurements of ``lenet probe`` on a network.

Robustness, equivariance and receptive fields show, on one network, what the textbook's chapter says
about convolution.
"""

from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass
from typing import Any

import numpy as np

from lenet.artifact import Artifact
from lenet.data import Split
from lenet.data.callbacks import SILENT, DataCallbacks
from lenet.engine import check_images
from lenet.engine.probabilities import probabilities
from lenet.errors import LenetError
from lenet.evaluation.probe.equivariance import SHIFTS, LayerEquivariance, equivariance
from lenet.evaluation.probe.gradient_field import LayerFields, UnitField, check_fields
from lenet.evaluation.probe.robustness import Robustness, robustness
from lenet.networks.convolution import Convolution

_SHIFTED_IMAGES = 256
# The exercise of "Dive into Deep Learning", section 7.6.4, looks at sweaters and coats.
_CLASSES_OF_THE_EXERCISE = ("pullover", "coat")


@dataclass(frozen=True)
class Shown:
    """An image whose feature maps are drawn: its index, its class, and the network's answer."""

    number: int
    truth: str
    answer: str
    probability: float


@dataclass(frozen=True)
class Probe:
    """All measurements of a network.

    Parameters
    ----------
    robustness
        The accuracy of ``network`` under changes, and of ``mlp`` if there is one.
    images
        The number of images for robustness.
    equivariance, shifts, shifted_images
        The equivariance of each layer, the shifts in pixels, and the number of images for it.
    fields
        The receptive fields of each layer.
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
                "changes": [asdict(change) for change in self.robustness],
            },
            "equivariance": {
                "images": self.shifted_images,
                "shifts": self.shifts,
                "layers": [asdict(layer) for layer in self.equivariance],
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
    callbacks: DataCallbacks = SILENT,
) -> Probe:
    """Measure a network's robustness, equivariance and receptive fields.

    Parameters
    ----------
    mlp
        A fully connected network to compare the robustness with.
    test
        Labelled images of the network's classes.
    numbers
        Indices of the images of `test` whose feature maps will be drawn.
    most_images
        Robustness is measured on this number of images, the first; by default on all.

    Raises
    ------
    LenetError
        The network has no convolutions, or the data do not fit its classes or input.
    """
    check(artifact, test)
    part = Split(test.images[:most_images], test.labels[:most_images], test.classes)
    classifiers = {"network": artifact} | ({"mlp": mlp} if mlp is not None else {})
    shifted = test.images[:_SHIFTED_IMAGES]
    return Probe(
        robustness=robustness(classifiers, part, callbacks=callbacks),
        images=len(part),
        equivariance=equivariance(artifact, shifted),
        shifts=SHIFTS,
        shifted_images=len(shifted),
        fields=check_fields(artifact),
        shown=[_shown(artifact, test, number) for number in numbers],
    )


def check(artifact: Artifact, test: Split) -> None:
    """Raise a `LenetError` if `probe` cannot measure the network with these images."""
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
    """Return the indices of the images to draw by default.

    They are the first two pullovers and the first two coats, as in the chapter's exercise; if there
    are no such classes, the first image of each of the first four classes.
    """
    if set(_CLASSES_OF_THE_EXERCISE) <= set(test.classes):
        wanted = [(test.classes.index(name), 2) for name in _CLASSES_OF_THE_EXERCISE]
    else:
        wanted = [(label, 1) for label in range(min(4, len(test.classes)))]
    found = [np.flatnonzero(test.labels == label)[:count] for label, count in wanted]
    return [int(number) for numbers in found for number in numbers] or [0]


def _shown(artifact: Artifact, test: Split, number: int) -> Shown:
    scores = artifact.forward(test.images[number : number + 1])
    answer = int(scores[0].argmax())
    probability = float(probabilities(artifact.network, scores)[0, answer])
    truth = test.classes[int(test.labels[number])]
    return Shown(number, truth, test.classes[answer], probability)


def _fields_json(layer: LayerFields) -> dict[str, Any]:
    place = layer.geometry
    return {
        "layer": layer.layer,
        **(asdict(place) if place else dict.fromkeys(("size", "jump", "start"))),
        "units": len(layer.units),
        "equal": layer.equal,
        "unequal": [_unit_json(unit) for unit in layer.units if not unit.equal],
        "examples": {name: _unit_json(unit) for name, unit in layer.named().items()},
    }


def _unit_json(field: UnitField) -> dict[str, Any]:
    """Return the unit's place, and its fields as ``[top, left, height, width]`` or None."""
    ways = {"by_geometry": field.by_geometry, "by_gradient": field.by_gradient}
    return {"unit": field.unit, **{way: area and astuple(area) for way, area in ways.items()}}
