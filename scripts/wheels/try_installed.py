"""Tries an installed lenet where there is no compiler: its engine against NumPy, and its commands.

Options: --without-engine for a wheel that has none; --no-commands in an emulator of another
processor, where one process runs alone.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

import lenet
from lenet import weights
from lenet.engine import Predictor, native, normalized, reference


def compare_with_numpy() -> None:
    """Hold the scores of every network that ships against NumPy's."""
    random = np.random.default_rng(0)
    for name in weights.names():
        artifact = lenet.load(name)
        if artifact.other_members:
            continue
        network, parameters = artifact.network, artifact.parameters
        channels, height, width = network.input_shape
        shape = (35, height, width) if channels == 1 else (35, height, width, channels)
        images = random.integers(0, 256, shape, dtype=np.uint8)
        predictor = Predictor(network, parameters, artifact.normalization)
        inputs = normalized(artifact.normalization, images)
        layers = reference.activations(network, parameters, inputs)
        expected = list(layers.values())[-1]
        difference = float(np.abs(predictor.forward(images) - expected).max())
        print(f"{name}: scores differ from NumPy's by {difference:.1e} at most")
        assert difference < 1e-3 * max(1.0, float(np.abs(expected).max())), name


def run_commands(folder: Path) -> None:
    """Run the commands that need no extra and no network; each must end well and say something."""
    random = np.random.default_rng(0)
    labels = np.arange(400) % 4
    images = random.integers(0, 60, (400, 28, 28))
    for number, label in enumerate(labels):
        images[number, 6 * label + 2 : 6 * label + 6, 4:24] = 250  # a bar at the label's height
    np.savez(folder / "bars.npz", images=images.astype(np.uint8), labels=labels)
    for line in (
        "predict --demo",
        "read --demo",
        "summary lenet5",
        "data list",
        "train bars.npz --out run --epochs 3 --quiet",
        "evaluate run --json",
        "predict run --demo --json",
    ):
        done = subprocess.run(
            [sys.executable, "-m", "lenet", *line.split()],
            cwd=folder, capture_output=True, text=True, encoding="utf-8", errors="replace",
        )  # fmt: skip
        print(f"lenet {line}: exit code {done.returncode}", flush=True)
        assert done.returncode == 0, done.stderr
        assert done.stdout
    assert (folder / "run" / "report.html").is_file()


def main() -> None:
    """Run the trials."""
    wanted = "--without-engine" not in sys.argv
    print(f"lenet {lenet.__version__} in {Path(lenet.__file__).parent}")
    print(f"instruction sets: {', '.join(native.variants()) or native.missing()}")
    assert native.available() == wanted, native.missing()
    if wanted:
        print(f"{native.measured_peak(native.variants()[0], 1, 0.1):.2e} multiply-adds a second")
    compare_with_numpy()
    if "--no-commands" in sys.argv:
        return
    with tempfile.TemporaryDirectory(prefix="lenet tried – ") as name:
        run_commands(Path(name))


if __name__ == "__main__":
    main()
