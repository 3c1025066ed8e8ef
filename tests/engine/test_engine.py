"""The same results with the native engine and with NumPy."""

import numpy as np
import pytest
import torch
from tests.engine.chains import HISTORICAL, parameters

from lenet.engine import Normalization, Predictor, backward, native, normalized
from lenet.errors import LenetError
from lenet.models.lenet import LeNet
from lenet.networks import Network


def test_with_and_without_the_library_the_answers_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    model = LeNet("relu", "max", classes=7)
    network = model.definition
    parameters = {name: value.detach().numpy() for name, value in model.named_parameters()}
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (150, 28, 28), dtype=np.uint8)
    labels = random.integers(0, 7, 150)
    index = random.integers(0, 150, 40)
    arguments = (network, parameters, Normalization())
    here = Predictor(*arguments).forward(images), Predictor(*arguments).activations(images[:3])
    if native.available():
        found = {name: np.empty_like(value) for name, value in parameters.items()}
        step = native.Plan(network).batches(
            native.Pointers(network, list(parameters.values())),
            native.Pointers(network, list(found.values())),
            Normalization(),
            images,
            labels,
        )
        loss, correct = step(index)
        pixels = normalized(Normalization(), images[index])
        expected = backward.loss_and_gradients(network, parameters, pixels, labels[index])
        assert loss == pytest.approx(expected[0], rel=1e-5)
        assert correct == expected[1]
        for name, gradient in expected[2].items():
            np.testing.assert_allclose(found[name], gradient, rtol=1e-3, atol=1e-5)
        with pytest.raises(LenetError, match="index"):
            step(np.array([150]))
    monkeypatch.setattr("lenet.engine.native.available", lambda: False)
    scores = Predictor(*arguments).forward(images)
    np.testing.assert_allclose(here[0], scores, rtol=1e-4, atol=1e-5)
    for name, values in Predictor(*arguments).activations(images[:3]).items():
        np.testing.assert_allclose(here[1][name], values, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("network", HISTORICAL, ids=lambda n: n.name)
def test_the_papers_networks_answer_alike_with_and_without_the_library(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = parameters(network, 0)
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (130, *network.input_shape[1:]), dtype=np.uint8)
    arguments = (network, values, Normalization(0.008, -0.9))
    here = Predictor(*arguments).forward(images), Predictor(*arguments).activations(images[:2])
    monkeypatch.setattr("lenet.engine.native.available", lambda: False)
    assert here[0].shape == (130, 10)
    scores = Predictor(*arguments).forward(images)
    np.testing.assert_allclose(here[0], scores, rtol=1e-4, atol=1e-4)
    for name, value in Predictor(*arguments).activations(images[:2]).items():
        np.testing.assert_allclose(here[1][name], value, rtol=1e-4, atol=1e-4)
    last = here[1][network.layers[-1].name]
    np.testing.assert_allclose(last, here[0][:2], rtol=1e-4, atol=1e-4)
    for wrong, message in ((images[:, :-1], "these are"), (images[0], "2 dimensions")):
        with pytest.raises(LenetError, match=message):
            Predictor(*arguments).forward(wrong)
