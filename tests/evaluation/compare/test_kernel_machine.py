from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenet.evaluation.compare.kernel_machine import RBF, KernelMachine, Polynomial


def test_kernels_by_hand() -> None:
    one, other = np.array([[1, 2]], np.float32), np.array([[3, 0], [1, 2]], np.float32)
    np.testing.assert_allclose(RBF(0.5)(one, other), [[np.exp(-4), 1]], rtol=1e-6)
    kernel = Polynomial(gamma=0.5, offset=1, degree=4)
    np.testing.assert_allclose(kernel(one, other), [[2.5**4, 3.5**4]], rtol=1e-6)


@given(st.integers(0, 1200), st.integers(0, 2**32 - 1))
def test_blocks_do_not_show(count: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    vectors = random.random((5, 3), np.float32)
    coefficients, intercepts = random.random((5, 2), np.float32), random.random(2, np.float32)
    pixels = random.random((count, 3), np.float32)
    machine = KernelMachine(RBF(1.0), vectors, coefficients, intercepts)
    expected = np.empty((count, 2))
    for row, image in zip(expected, pixels, strict=True):
        distances = ((image - vectors) ** 2).sum(axis=1)
        row[:] = np.exp(-distances) @ coefficients + intercepts
    np.testing.assert_allclose(machine.scores(pixels), expected, atol=1e-5)


def test_what_counts() -> None:
    vectors = np.zeros((3, 784), np.float32)
    coefficients = np.array([[1, 0], [-1, 2], [0, -2]], np.float32)
    machine = KernelMachine(RBF(1.0), vectors, coefficients, np.zeros(2, np.float32))
    assert machine.parameters == 3 * 784 + 4 + 2
    assert machine.multiply_accumulates == 3 * (784 + 2)


@pytest.mark.parametrize("kernel", [RBF(0.3), Polynomial(0.2, 1.0, 4), Polynomial(0.5, 0.0, 3)])
def test_scikit_learn_answers_the_same(kernel: RBF | Polynomial) -> None:
    svm: Any = pytest.importorskip("sklearn.svm")
    random = np.random.default_rng(0)
    pixels = random.random((80, 6)).astype(np.float32)
    labels = pixels[:, :3].sum(axis=1) > 1.5
    if isinstance(kernel, RBF):
        theirs = svm.SVC(C=5, gamma=kernel.gamma)
    else:
        theirs = svm.SVC(
            C=5, kernel="poly", gamma=kernel.gamma, coef0=kernel.offset, degree=kernel.degree
        )
    theirs.fit(pixels, labels)
    ours = KernelMachine(
        kernel,
        theirs.support_vectors_.astype(np.float32),
        theirs.dual_coef_.T.astype(np.float32),
        theirs.intercept_.astype(np.float32),
    )
    found = ours.scores(pixels)[:, 0]
    np.testing.assert_allclose(found, theirs.decision_function(pixels), atol=1e-4)
