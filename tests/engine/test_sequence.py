"""The kernels of 1989 to 1998 against NumPy in float64, on every instruction set here."""

import copy
import pickle
import threading
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.engine.chains import HISTORICAL, chains, exact, labels_for, parameters, relative

from lenet.engine import Normalization, backward, native, normalized, reference
from lenet.engine.sequence import Mode, SequencePlan, covers
from lenet.errors import LenetError
from lenet.networks import Layer, Network, lenet_network, mlp_network
from lenet.networks.convolution import Convolution
from lenet.networks.layers import Activation, Flatten, Linear, Padding, Pooling
from lenet.networks.radial_basis import RadialBasis
from lenet.networks.subsampling import Subsampling

pytestmark = pytest.mark.skipif(not native.available(), reason="the engine was not built here")

NORMALIZATION = Normalization(0.008, -0.9)
VARIANTS = native.variants() or ("none",)
SQUASH = Activation("squash", "scaled tanh")
# Nothing made-up is smaller than the papers' zip-code network; it reads 16×16 images.
ZIP = HISTORICAL[0]

Arrays = dict[str, NDArray[Any]]


class Case(NamedTuple):
    network: Network
    values: Arrays
    images: NDArray[np.uint8]
    labels: NDArray[np.int64]

    def pixels(self, index: Any) -> NDArray[Any]:
        images = normalized(NORMALIZATION, self.images[index])
        return images.astype(np.float64)

    def learn(
        self,
        mode: Mode,
        index: list[int],
        others: Arrays | None = None,
        variant: str | None = None,
        discriminative: bool = False,
    ) -> tuple[float, int, Arrays]:
        if others is None:
            others = {name: np.full_like(value, np.nan) for name, value in self.values.items()}
        loss, correct = SequencePlan(self.network, variant).learn(
            mode,
            pointers(self.network, self.values),
            pointers(self.network, others),
            NORMALIZATION,
            self.images,
            self.labels,
            np.array(index, np.int64),
            discriminative,
        )
        return loss, correct, others

    def forward(self, variant: str | None = None, threads: int | None = None) -> NDArray[Any]:
        places = pointers(self.network, self.values)
        plan = SequencePlan(self.network, variant)
        return plan.forward(places, NORMALIZATION, self.images, threads)


def make(network: Network, count: int, seed: int) -> Case:
    channels, height, width = network.input_shape
    shape = (count, height, width) if channels == 1 else (count, height, width, channels)
    images = np.random.default_rng([seed, 1]).integers(0, 256, shape, dtype=np.uint8)
    return Case(network, parameters(network, seed), images, labels_for(network, count, seed))


def pointers(network: Network, arrays: Arrays) -> native.Pointers:
    return native.Pointers(network, [arrays[name] for name in network.parameter_shapes])


def check_near(network: Network, ours: Arrays, theirs: Arrays) -> None:
    assert list(ours) == list(theirs)
    # Where a derivative nearly vanishes, float32 is the limit: neither a posterior nor a squashed
    # output close to 1 has more digits of its distance from 1.
    least = 1e-6 * max(float(np.linalg.norm(value)) for value in theirs.values()) + 1e-5
    for name, expected in theirs.items():
        off = float(np.linalg.norm(ours[name] - expected))
        assert off <= 1e-4 * float(np.linalg.norm(expected)) + least, name


def check_everything(case: Case, variant: str, discriminative: bool = False) -> None:
    network, values = case.network, exact(case.values)
    index = [2, 0, 2]
    pixels, labels = case.pixels(index), case.labels[index]
    scores = reference.activations(network, values, case.pixels(slice(None)))
    assert relative(case.forward(variant), scores[network.layers[-1].name]) < 1e-4

    before = {name: value.copy() for name, value in case.values.items()}
    expected = backward.loss_and_gradients(
        network, values, pixels, labels, discriminative=discriminative
    )
    loss, correct, gradients = case.learn(
        Mode.GRADIENTS, index, variant=variant, discriminative=discriminative
    )
    assert loss == pytest.approx(3 * expected[0], rel=1e-4, abs=1e-5)
    assert correct == expected[1]
    check_near(network, gradients, expected[2])

    loss, correct, curvatures = case.learn(
        Mode.CURVATURE, index, variant=variant, discriminative=discriminative
    )
    assert loss == pytest.approx(3 * expected[0], rel=1e-4, abs=1e-5)
    assert correct == expected[1]
    expected = backward.curvature(network, values, pixels, labels, discriminative)
    check_near(network, curvatures, expected)
    for name, value in case.values.items():
        assert np.array_equal(value, before[name])

    # Rates as in training, but others for each weight: eta / (mu + curvature).
    rates = {
        name: (0.001 / (0.02 + value)).astype(np.float32) for name, value in curvatures.items()
    }
    kept = {name: value.copy() for name, value in rates.items()}
    total, right = 0.0, 0
    for number in index:
        one = backward.loss_and_gradients(
            network,
            values,
            case.pixels([number]),
            case.labels[[number]],
            discriminative=discriminative,
        )
        total, right = total + one[0], right + one[1]
        for name, value in values.items():
            value -= rates[name] * one[2][name]
    loss, correct, _ = case.learn(Mode.TRAIN, index, rates, variant, discriminative)
    assert loss == pytest.approx(total, rel=1e-4, abs=1e-5)
    assert correct == right
    steps = {name: case.values[name].astype(np.float64) - before[name] for name in values}
    for name, step in steps.items():
        wanted = values[name] - before[name]
        # A step is a small difference of float32 numbers.
        rounding = 1e-7 * (1 + float(np.linalg.norm(before[name])))
        assert np.linalg.norm(step - wanted) <= 1e-3 * np.linalg.norm(wanted) + rounding, name
        assert np.array_equal(rates[name], kept[name])


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("network", HISTORICAL, ids=lambda n: n.name)
def test_the_papers_networks_equal_numpy(network: Network, variant: str) -> None:
    check_everything(make(network, 3, seed=1), variant)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("network", HISTORICAL[:2], ids=lambda n: n.name)
def test_squashed_outputs_that_learn_by_equation_9_equal_numpy(
    network: Network, variant: str
) -> None:
    check_everything(make(network, 3, seed=1), variant, discriminative=True)


@given(chains(), st.integers(0, 9), st.sampled_from(VARIANTS), st.booleans())
@settings(max_examples=100)
def test_any_chain_equals_numpy(
    network: Network, seed: int, variant: str, discriminative: bool
) -> None:
    check_everything(make(network, 3, seed), variant, discriminative)


@pytest.mark.parametrize("network", HISTORICAL, ids=lambda n: n.name)
def test_every_instruction_set_gives_nearly_the_same(network: Network) -> None:
    case = make(network, 4, seed=2)
    first, *others = [case.forward(variant) for variant in VARIANTS]
    for other in others:
        np.testing.assert_allclose(other, first, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_bits_of_scores_do_not_depend_on_the_threads(variant: str) -> None:
    case = make(ZIP, 700, seed=3)
    scores = case.forward(variant, threads=1)
    assert len(np.unique(scores, axis=0)) == 700
    for threads in (2, 3, 7, None):
        assert np.array_equal(case.forward(variant, threads), scores)


def test_one_plan_serves_several_threads_at_once() -> None:
    case = make(ZIP, 300, seed=4)
    plan, places = SequencePlan(ZIP), pointers(ZIP, case.values)
    expected = case.forward(plan.variant)
    _, _, gradients = case.learn(Mode.GRADIENTS, list(range(50)))
    failures: list[str] = []

    def work() -> None:
        for _ in range(3):
            if not np.array_equal(plan.forward(places, NORMALIZATION, case.images, 2), expected):
                failures.append("forward")
            own = {name: np.empty_like(value) for name, value in case.values.items()}
            plan.learn(
                Mode.GRADIENTS,
                places,
                pointers(ZIP, own),
                NORMALIZATION,
                case.images,
                case.labels,
                np.arange(50),
            )
            if not all(np.array_equal(own[name], gradients[name]) for name in own):
                failures.append("gradients")

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not failures


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("variant", VARIANTS)
def test_nothing_is_written_beside_what_is_asked_for(mode: Mode, variant: str) -> None:
    # A network whose widths fill no vector, each parameter between numbers that must stay.
    network = Network(
        "n",
        (3, 9, 9),
        (
            Convolution("a", 5, 3, table=("XX..X", ".XXX.", "X...X"), bias="unit"),
            SQUASH,
            Subsampling("s", "sum"),
            Flatten("f"),
            Linear("l", 7),
            Activation("o", "scaled tanh"),
        ),
    )
    case = make(network, 4, seed=5)
    walls: list[NDArray[np.float32]] = []

    def between_walls(arrays: Arrays) -> Arrays:
        result: Arrays = {}
        for name, value in arrays.items():
            wall = np.full(value.size + 64, 7.5, np.float32)
            wall[32:-32] = value.reshape(-1)
            walls.append(wall)
            result[name] = wall[32:-32].reshape(value.shape)
        return result

    walled = case._replace(values=between_walls(case.values))
    others = between_walls({name: np.full_like(v, 0.01) for name, v in case.values.items()})
    images, labels = case.images.copy(), case.labels.copy()
    walled.learn(mode, [3, 1], others, variant)
    assert all((wall[:32] == 7.5).all() and (wall[-32:] == 7.5).all() for wall in walls)
    assert np.array_equal(case.images, images)
    assert np.array_equal(case.labels, labels)
    for name in case.values:
        trained = mode == Mode.TRAIN
        assert np.array_equal(walled.values[name], case.values[name]) is not trained
        assert np.array_equal(others[name], np.full_like(others[name], 0.01)) is trained


@pytest.mark.parametrize("variant", VARIANTS)
def test_what_has_no_rate_stays_to_the_bit(variant: str) -> None:
    case = make(HISTORICAL[1], 5, seed=6)
    before = {name: value.copy() for name, value in case.values.items()}
    rates = {name: np.zeros_like(value) for name, value in case.values.items()}
    rates["H3.weight"][3, 2, 1] = 0.01
    case.learn(Mode.TRAIN, [0, 1, 2], rates, variant)
    for name, value in case.values.items():
        moved = value != before[name]
        assert np.array_equal(moved, rates[name] != 0), name


def test_parameters_are_used_where_they_lie() -> None:
    case = make(HISTORICAL[1], 2, seed=7)
    plan, places = SequencePlan(case.network), pointers(case.network, case.values)
    before = plan.forward(places, NORMALIZATION, case.images)
    case.values["output.weight"][:] = 0
    case.values["output.bias"][:] = 1  # squashed it stays 1
    after = plan.forward(places, NORMALIZATION, case.images)
    np.testing.assert_allclose(after, 1, atol=1e-4)
    assert not np.allclose(before, after, atol=0.01)


def test_a_plan_and_its_pointers_can_be_copied_and_pickled() -> None:
    case = make(ZIP, 2, seed=8)
    plan, places = SequencePlan(ZIP, VARIANTS[-1]), pointers(ZIP, case.values)
    expected = plan.forward(places, NORMALIZATION, case.images)
    both = (plan, places)
    for other, others in (
        (copy.copy(plan), copy.copy(places)),
        copy.deepcopy(both),
        pickle.loads(pickle.dumps(both)),
    ):
        assert other.variant == plan.variant
        assert np.array_equal(other.forward(others, NORMALIZATION, case.images), expected)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("network", HISTORICAL, ids=lambda n: n.name)
def test_what_is_no_number_is_not_hidden(network: Network, variant: str) -> None:
    case = make(network, 2, seed=9)
    first = next(iter(network.parameter_shapes))
    case.values[first][...] = np.nan
    assert np.isnan(case.forward(variant)).all()
    loss, _, _ = case.learn(Mode.GRADIENTS, [0, 1], variant=variant)
    assert not np.isfinite(loss)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("network", HISTORICAL, ids=lambda n: n.name)
def test_huge_sums_saturate_and_stay_finite(network: Network, variant: str) -> None:
    case = make(network, 3, seed=10)
    for value in case.values.values():
        value *= 1e6
    scores = case.forward(variant)
    assert np.isfinite(scores).all()
    if network.rubbish is None:
        np.testing.assert_allclose(np.abs(scores), 1.7159, rtol=1e-3)
    for mode in (Mode.GRADIENTS, Mode.CURVATURE):
        loss, _, found = case.learn(mode, [0, 1], variant=variant)
        assert np.isfinite(loss)
        assert all(np.isfinite(value).all() for value in found.values())


def test_no_images_give_no_scores() -> None:
    case = make(ZIP, 1, seed=11)
    assert case._replace(images=case.images[:0]).forward().shape == (0, 10)


def test_images_that_are_a_view_are_read_right() -> None:
    case = make(ZIP, 20, seed=12)
    view = case._replace(images=case.images[::2], labels=case.labels[::2])
    whole = view._replace(images=view.images.copy(), labels=view.labels.copy())
    assert np.array_equal(view.forward(), whole.forward())
    one, other = (c.learn(Mode.GRADIENTS, [9, 0, 4]) for c in (view, whole))
    assert one[:2] == other[:2]
    assert all(np.array_equal(one[2][name], other[2][name]) for name in one[2])


def test_wrong_input_is_told_and_nothing_is_read_beyond_it() -> None:
    case = make(ZIP, 4, seed=13)
    for index in ([4], [-1], [], [[0]]):
        with pytest.raises(LenetError, match="index"):
            case.learn(Mode.GRADIENTS, index)  # pyright: ignore[reportArgumentType] [[0]] is wrong
    for wrong in (
        case.labels[:3],
        case.labels + 10,
        case.labels - 10,
        case.labels.astype(np.int32),
    ):
        with pytest.raises(LenetError, match="labels"):
            case._replace(labels=wrong).learn(Mode.GRADIENTS, [0])  # pyright: ignore[reportArgumentType] int32
    for images, message in (
        (case.images[:, :15], "these are 15×16"),
        (case.images[..., None].repeat(3, axis=3), "these are 16×16 with 3"),
        (case.images.astype(np.float32), "uint8"),
        (case.images[0], "2 dimensions"),
    ):
        with pytest.raises(LenetError, match=message):
            case._replace(images=images).forward()  # pyright: ignore[reportArgumentType] float32
        with pytest.raises(LenetError, match=message):
            case._replace(images=images).learn(Mode.TRAIN, [0])  # pyright: ignore[reportArgumentType] float32
    for others in (exact(case.values), {**case.values, "H1.bias": np.zeros(3, np.float32)}):
        with pytest.raises(LenetError, match="contiguous float32"):
            case.learn(Mode.TRAIN, [0], others)
    with pytest.raises(LenetError, match="cannot run 'mmx'"):
        SequencePlan(ZIP, "mmx")


def chain(*layers: Layer, shape: tuple[int, int, int] = (1, 6, 6)) -> Network:
    return Network("other", shape, layers)


FLAT, ENDS = Flatten("f"), (Linear("l", 3), SQUASH)


@pytest.mark.parametrize(
    ("network", "known"),
    [
        *((network, True) for network in HISTORICAL),
        (chain(FLAT, *ENDS), True),
        (chain(Padding("p", 1), FLAT, *ENDS), True),
        (chain(FLAT, Linear("l", 84), RadialBasis("o", "01", 1.0)), True),
        (chain(Convolution("c", 3, 6), FLAT, SQUASH), True),
        (lenet_network(), False),
        (mlp_network((5,), "scaled tanh"), False),
        (chain(FLAT, Linear("l", 3), Activation("a", "sigmoid")), False),
        (chain(Convolution("c", 2), Activation("a", "tanh"), FLAT, *ENDS), False),
        (chain(Convolution("c", 2), Pooling("p", "max"), FLAT, *ENDS), False),
        (chain(Convolution("c", 2), Pooling("p", "average"), FLAT, *ENDS), False),
        (chain(FLAT, Linear("l", 3)), False),
        (chain(FLAT, Linear("a", 84), RadialBasis("r", "01", 1.0), *ENDS), False),
        (chain(FLAT, Linear("a", 84), RadialBasis("r", "01", 1.0), SQUASH), False),
        (chain(Subsampling("s", "sum"), FLAT, *ENDS), False),
        (chain(Activation("a", "scaled tanh"), FLAT, *ENDS), False),
        (chain(FLAT, *ENDS, Activation("b", "scaled tanh")), False),
        (chain(FLAT, SQUASH, shape=(3, 1, 1)), False),
        (chain(FLAT, RadialBasis("o", "01", 1.0), shape=(84, 1, 1)), False),
        (chain(FLAT, *ENDS, shape=(1, 6, 5)), False),
        (chain(Convolution("c", 2, 3), FLAT, *ENDS, shape=(1, 5, 6)), False),
        # Outputs that are places of a map: what the kernels end in has one place.
        (chain(Convolution("c", 2, 5), FLAT, SQUASH), False),
        (chain(Convolution("c", 21, 5), FLAT, RadialBasis("o", "01", 1.0)), False),
    ],
)
def test_it_knows_what_it_knows(network: Network, known: bool) -> None:
    assert covers(network) is known
    if known:
        SequencePlan(network)
    else:
        with pytest.raises(LenetError, match="cannot compute the network"):
            SequencePlan(network)
