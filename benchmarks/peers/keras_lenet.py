"""Keras 3 on TensorFlow: model.fit on arrays in memory. Glorot's uniform weights, zero biases."""

import time
from typing import Any

import keras
import tensorflow as tf
from keras import layers
from peer import BATCH, RATE, TEST, TRAIN, parser, read, report


def lenet() -> keras.Sequential:
    """Return the network; Dense and Conv2D start as Xavier (Glorot) uniform without being told."""
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(6, 5, padding="same", activation="sigmoid"),
            layers.AveragePooling2D(2),
            layers.Conv2D(16, 5, activation="sigmoid"),
            layers.AveragePooling2D(2),
            layers.Flatten(),
            layers.Dense(120, activation="sigmoid"),
            layers.Dense(84, activation="sigmoid"),
            layers.Dense(10),
        ]
    )


class Stopwatch(keras.callbacks.Callback):
    """Times each epoch up to its evaluation."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Start."""
        self.start = time.perf_counter()

    def on_test_begin(self, logs: Any = None) -> None:
        """Stop: the epoch's evaluation begins."""
        self.seconds.append(time.perf_counter() - self.start)


def main() -> None:
    given = parser(__doc__).parse_args()
    tf.config.threading.set_intra_op_parallelism_threads(given.threads)
    tf.config.threading.set_inter_op_parallelism_threads(given.threads)
    if keras.backend.backend() != "tensorflow":
        raise SystemExit("Keras is set to another backend; set KERAS_BACKEND=tensorflow.")
    (images, labels), test = read(given.folder, TRAIN), read(given.folder, TEST)
    model = lenet()
    model.compile(
        optimizer=keras.optimizers.SGD(RATE),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    watch = Stopwatch()
    history = model.fit(
        images[..., None].astype("float32") / 255,
        labels,
        batch_size=BATCH,
        epochs=given.epochs,
        validation_data=(test[0][..., None].astype("float32") / 255, test[1]),
        callbacks=[watch],
        verbose=0,
    )
    accuracy = history.history["val_accuracy"][-1]
    packages = ["keras", "tensorflow-cpu"]
    report("keras", packages, given.threads, watch.seconds, accuracy)


if __name__ == "__main__":
    main()
