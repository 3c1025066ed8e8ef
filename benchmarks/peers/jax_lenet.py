"""Plain JAX: one jitted step, channels last, the pixels in memory as bytes. Zero biases."""

import os
import time
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from peer import BATCH, RATE, TEST, TRAIN, batches, parser, read, report

Parameters = list[tuple[Array, Array]]
SHAPES = [(5, 5, 1, 6), (5, 5, 6, 16), (400, 120), (120, 84), (84, 10)]


def parameters(key: Array) -> Parameters:
    """Return Xavier-uniform weights, HWIO or (in, out), and zero biases."""
    xavier = jax.nn.initializers.glorot_uniform()
    keys = jax.random.split(key, len(SHAPES))
    return [(xavier(k, s), jnp.zeros(s[-1])) for k, s in zip(keys, SHAPES, strict=True)]


def convolve(x: Array, layer: tuple[Array, Array], padding: str) -> Array:
    """Return a convolution, its sigmoid and the mean of each 2×2 window."""
    weight, bias = layer
    x = lax.conv_general_dilated(
        x, weight, (1, 1), padding, dimension_numbers=("NHWC", "HWIO", "NHWC")
    )
    n, height, width, channels = x.shape
    x = jax.nn.sigmoid(x + bias).reshape(n, height // 2, 2, width // 2, 2, channels)
    return x.mean((2, 4))


def lenet(layers: Parameters, images: Array) -> Array:
    """Return the scores (n, 10) of uint8 images (n, 28, 28)."""
    x = images[..., None].astype(jnp.float32) / 255
    x = convolve(x, layers[0], "SAME")
    x = convolve(x, layers[1], "VALID").reshape(len(images), -1)
    for weight, bias in layers[2:-1]:
        x = jax.nn.sigmoid(x @ weight + bias)
    weight, bias = layers[-1]
    return x @ weight + bias


def loss(layers: Parameters, images: Array, labels: Array) -> tuple[Array, Array]:
    """Return the mean cross-entropy and, beside it, the number of correct answers."""
    scores = lenet(layers, images)
    chosen = jnp.take_along_axis(jax.nn.log_softmax(scores), labels[:, None], 1)
    return -chosen.mean(), (scores.argmax(1) == labels).sum()


@partial(jax.jit, donate_argnums=(0, 1))
def step(
    layers: Parameters, sums: tuple[Array, Array], images: Array, labels: Array, rows: Array
) -> tuple[Parameters, tuple[Array, Array]]:
    """Return the layers after one batch and the sums of the loss and of the correct answers."""
    (mean, hits), slopes = jax.value_and_grad(loss, has_aux=True)(
        layers, images[rows], labels[rows]
    )
    layers = jax.tree.map(lambda value, slope: value - RATE * slope, layers, slopes)
    return layers, (sums[0] + mean * len(rows), sums[1] + hits)


@jax.jit
def correct(layers: Parameters, images: Array, labels: Array) -> Array:
    return (lenet(layers, images).argmax(1) == labels).sum()


def main() -> None:
    given = parser(__doc__).parse_args()
    # XLA has no setting for its threads: it starts one for each processor it may run on.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: given.threads])
    jax.config.update("jax_platforms", "cpu")
    images, labels, test_images, test_labels = (
        jnp.asarray(array) for part in (TRAIN, TEST) for array in read(given.folder, part)
    )
    layers = parameters(jax.random.key(0))
    rng = np.random.default_rng()
    seconds: list[float] = []
    accuracy = 0.0
    for _ in range(given.epochs):
        start = time.perf_counter()
        sums = (jnp.zeros(()), jnp.zeros((), jnp.int32))
        for rows in batches(len(images), rng):
            layers, sums = step(layers, sums, images, labels, rows)
        jax.block_until_ready((layers, sums))
        seconds.append(time.perf_counter() - start)
        hits = sum(
            int(correct(layers, test_images[i : i + BATCH], test_labels[i : i + BATCH]))
            for i in range(0, len(test_images), BATCH)
        )
        accuracy = hits / len(test_images)
    report("jax", ["jax", "jaxlib"], given.threads, seconds, accuracy)


if __name__ == "__main__":
    main()
