"""Holds the recipes by name.

`lenet train` takes `CHAPTER`, the recipe of the textbook's chapter, by default, and `OWN` for other
data than the chapter's.
"""

from dataclasses import replace

from lenet.data import Dataset
from lenet.engine import Normalization
from lenet.errors import LenetError, did_you_mean
from lenet.names import TRAINED_ALIASES
from lenet.networks.lecun1998 import BACKGROUND, INK
from lenet.synthesis.distort import Distortion
from lenet.synthesis.extra_examples import ExtraExamples
from lenet.training.recipe import Recipe, SecondOrder

# "Dive into Deep Learning", section 7.6.2 (first edition): lr, num_epochs = 0.9, 10.
CHAPTER = Recipe("chapter", "lenet", "fashion-mnist", epochs=10, batch_size=256, learning_rate=0.9)

# Rate and weight decay were chosen on held-out training images (benchmarks/family_choices.py).
MODERN = Recipe(
    name="modern",
    network="modern",
    data="fashion-mnist",
    epochs=20,
    batch_size=64,
    learning_rate=0.02,
    schedule="cosine",
    momentum=0.9,
    weight_decay=1e-3,
    initialization="he",
)

# For any images but the chapter's: the number of steps is fixed, so that few images are shown often
# and many seldom (`lenet.training.own_data`). Chosen on held-out training images of MNIST,
# Fashion-MNIST, USPS and three smaller sets (docs/lab/own_data.md).
OWN = replace(
    MODERN,
    name="own",
    data="mnist",
    epochs=0,
    learning_rate=0.04,
    steps=2_000,
    warmup=0.5,
    distortion=Distortion(
        shift=1.0, scale=0.07, squeeze=0.05, shear=0.07, rotation=4, elastic=0.7, bright=True
    ),
    smoothing=0.1,
    balance=0.5,
    cross_fit=True,
)
"""The recipe for own data."""

OWN_MANY = replace(
    OWN,
    steps=4_000,
    batch_size=256,
    learning_rate=0.05,
    distortion=Distortion(
        shift=1.0, scale=0.04, squeeze=0.03, shear=0.02, elastic=0.5, bright=True
    ),
    smoothing=0.0,
)
"""`OWN` for 10,000 training images and more: stronger distortions would need more epochs."""

# The most accurate recipe found for 61,706 parameters, chosen on held-out training images.
# docs/lab/records.md lists what was tried.
_LONG_SCHEDULE = replace(
    MODERN, batch_size=256, learning_rate=0.1, weight_decay=5e-4, warmup=1.0, epochs=300
)

_DIGITS_DISTORTION = Distortion(
    shift=1.5, scale=0.15, squeeze=0.1, shear=0.2, rotation=12, elastic=1.2, blur=0.6, thickness=0.5
)

# It is trained on negatives too, so that the network can reject pictures that are not digits.
_DIGITS_RECORD = replace(
    _LONG_SCHEDULE,
    name="digits-record",
    network="modern-or-none",
    data="mnist",
    distortion=_DIGITS_DISTORTION,
    extra_examples=ExtraExamples(negatives=0.2, flagged_ones=0.02),
)

# Proc. IEEE 86(11), 1998, page 10: the rate is 0.0005 for two passes, 0.0002 for three, 0.0001 for
# three, 0.00005 for four, 0.00001 thereafter. Page 7 gives the normalization. The paper does not
# say which curvature its equation 9 has: the curvature scale was chosen among 1, 2, 4 and 8,
# together with j, on held-out training images (benchmarks/family_choices.py).
LECUN1998 = Recipe(
    name="lecun1998",
    network="lecun1998",
    data="mnist",
    epochs=20,
    batch_size=1,
    learning_rate=0.0005,
    normalization=Normalization((INK - BACKGROUND) / 255, BACKGROUND),
    method="sdlm",
    schedule=(1.0,) * 2 + (0.4,) * 3 + (0.2,) * 3 + (0.1,) * 4 + (0.02,),
    initialization="root fan-in",
    shuffle=False,
    second_order=SecondOrder(curvature_scale=4.0),
)

# The papers of 1989 give the method and the number of passes. They do not give the rates, which
# were chosen on held-out training images (benchmarks/family_choices.py).
_BEFORE_1998 = replace(
    LECUN1998,
    normalization=Normalization(2 / 255, -1.0),
    schedule=(1.0,),
    second_order=SecondOrder(),
)
_LECUN1989 = replace(
    _BEFORE_1998,
    name="lecun1989",
    network="lecun1989",
    data="usps",
    epochs=23,
    learning_rate=0.0001,
    initialization="fan-in",
)

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        CHAPTER,
        MODERN,
        OWN,
        LECUN1998,
        replace(
            _LONG_SCHEDULE,
            name="fashion-record",
            network="modern-leaky",
            weight_decay=3e-4,
            distillation=0.7,
            distortion=Distortion(
                shift=1.0, scale=0.04, squeeze=0.03, shear=0.02, elastic=0.5, flip=True
            ),
        ),
        _DIGITS_RECORD,
        # The recipe of the network that ships as `digits`. It adds digits of other writers than
        # MNIST's, and was chosen on the validation part of the cheques (docs/lab/records.md).
        replace(
            _DIGITS_RECORD,
            name="digits",
            extra_examples=ExtraExamples(negatives=0.2, flagged_ones=0.02, digit_crops=2),
        ),
        # The paper does not give the strength of its distortions: it was chosen among three on
        # held-out training images (benchmarks/family_choices.py).
        replace(
            LECUN1998,
            name="lecun1998-distorted",
            distortion=Distortion(shift=1.0, scale=0.1, squeeze=0.05, shear=0.15),
        ),
        # For comparison with LeNet-1's 1.7% on MNIST in the 1998 paper, which does not say how it
        # was trained. Loss, normalization, rate and schedule: benchmarks/family_choices.py.
        replace(
            LECUN1998,
            name="lenet1",
            network="lenet1",
            epochs=30,
            learning_rate=0.002,
            schedule="cosine",
            second_order=SecondOrder(discriminative=True),
        ),
        replace(
            _BEFORE_1998,
            name="lenet1-1989",
            network="lenet1",
            epochs=30,
            learning_rate=0.001,
            schedule=(1.0,) * 10 + (0.4,) * 10 + (0.1,),
        ),
        _LECUN1989,
        # The distortions of 1998, which the paper of 1989 does not have. Their strength and the
        # number of passes were chosen in benchmarks/family_choices.py.
        replace(
            _LECUN1989,
            name="lecun1989-distorted",
            epochs=60,
            distortion=Distortion(shift=0.75, scale=0.15, squeeze=0.075, shear=0.225),
        ),
    )
}


def recipe_for(data: object) -> Recipe:
    """Return the recipe for data by default: the chapter's for its own data or None, else `OWN`.

    Parameters
    ----------
    data
        What `lenet.training.start.start` takes, or None.

    Examples
    --------
    >>> recipe_for("fashion-mnist").name, recipe_for("scans").name
    ('chapter', 'own')
    """
    source = data.source if isinstance(data, Dataset) else data
    its_own = source is None or (isinstance(source, str) and source == CHAPTER.data)
    return CHAPTER if its_own else OWN


def recipe_named(name: str) -> Recipe:
    """Return the recipe called `name`, which may be an alias.

    Raises
    ------
    LenetError
        No recipe has this name.

    Examples
    --------
    >>> recipe_named("lenet5").network
    'lecun1998'
    """
    found = TRAINED_ALIASES.get(name.lower(), name)
    if found not in RECIPES:
        raise LenetError(
            f"no recipe is called {name!r}; known are {', '.join(RECIPES)}."
            + did_you_mean(name, [*RECIPES, *TRAINED_ALIASES])
        )
    return RECIPES[found]
