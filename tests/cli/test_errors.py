"""What a user does wrong: one line, exit code 2, nothing half-written."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tests.cli.command import lenet, process
from tests.idx import write_idx

from lenet.artifact import Artifact
from lenet.data import Dataset
from lenet.networks import lenet_network


def assert_one_line(done: subprocess.CompletedProcess[str], message: str) -> None:
    last = done.stderr.splitlines()[-1] if done.stderr else ""
    assert done.returncode == 2, (done.stdout, done.stderr)
    assert last.startswith("lenet: ")
    assert message in last
    assert "Traceback" not in done.stderr
    assert not Path("runs").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["tran"], "Did you mean 'train'?"),
        (["--sumary"], "No such option"),
        (["train", "fashion-mnst"], "Did you mean 'fashion-mnist'?"),
        (["train", "no/such/folder"], "neither a data set known by name nor a file or folder"),
        (["train", "--recipe", "chaptre"], "Did you mean 'chapter'?"),
        (["train", "--model", "lenett"], "Did you mean 'lenet'?"),
        (["train", "--epochs", "0"], "0 is not in the range x>=1"),
        (["train", "--epochs", "ten"], "'ten' is not a valid integer"),
        (["train", "--batch-size", "-1"], "-1 is not in the range x>=1"),
        (["train", "--lr", "nan"], "nan is not a number between 0 and 3.4e+38"),
        (["train", "--lr", "0"], "0.0 is not a number between 0 and 3.4e+38"),
        (["train", "--lr", "1e39"], "1e+39 is not a number between 0 and 3.4e+38"),
        (["train", "--lr", "inf"], "inf is not a number between 0 and 3.4e+38"),
        (["train", "--seed", "-1"], "-1 is not in the range"),
        (["train", "--device", "gpu"], "'gpu' is not one of"),
        (["train", "--epoch", "3"], "'--epochs'?"),
        (["train", "mnist", "--resume", "runs/x"], "leave out DATA"),
        (["train", "--engine", "torch", "--resume", "runs/x"], "leave out --engine"),
        (["train", "--engine", "fast"], "'fast' is not one of"),
        (["predict", "nowhere", "x.png"], "no folder called nowhere, nor a network"),
        (["predict", "nowhere"], "no folder called nowhere, nor a network"),
        (["predict", "digts"], "Did you mean 'digits'?"),
        (["predict", "digits"], "digits is a network; name the pictures too"),
        (["predict"], "name the pictures: lenet predict IMAGE..., or try --demo."),
        (["predict", "x.png", "--demo"], "--demo brings its own pictures; leave out x.png."),
        (["bench", "--threads", "0"], "0 is not in the range"),
        (["bench", "--threads", "5000000000"], "is not in the range"),
        (["train", "--resume", "nowhere"], "nowhere holds no checkpoint"),
        (["train", "a", "b"], "unexpected extra argument"),
        (["summary", "lennet"], "Did you mean 'lenet'?"),
        (["summary", "."], "is not a run folder"),
        (["evaluate"], "Missing argument 'RUN'"),
        (["evaluate", "nowhere"], "nowhere is not a run folder"),
        (["data", "fetch", "mnits"], "Did you mean 'mnist'?"),
        (["data", "delete"], "No such command 'delete'"),
    ],
)
def test_wrong_words(arguments: list[str], message: str) -> None:
    assert_one_line(lenet(*arguments), message)


def bad_data(kind: str, root: Path) -> Path:
    """Make data of a kind that cannot be trained on."""
    root.mkdir()
    images = np.zeros((10, 28, 28), np.uint8)
    labels = np.arange(10, dtype=np.uint8) % 2
    packed = root / "train-images-idx3-ubyte.gz"
    plain = root / "train-images-idx3-ubyte"
    write_idx(root / "train-labels-idx1-ubyte", labels)
    if kind == "truncated gz":
        write_idx(packed, np.random.default_rng(0).integers(0, 255, images.shape, dtype=np.uint8))
        packed.write_bytes(packed.read_bytes()[:-3000])
    elif kind == "wrong magic":
        write_idx(plain, images)
        plain.write_bytes(b"\x01" + plain.read_bytes()[1:])
    elif kind == "too few bytes":
        write_idx(plain, images)
        plain.write_bytes(plain.read_bytes()[:-1])
    elif kind == "fewer labels":
        write_idx(plain, images[:9])
    elif kind == "one class":
        write_idx(plain, images)
        write_idx(root / "train-labels-idx1-ubyte", labels * 0)
    else:
        (root / "train-labels-idx1-ubyte").unlink()
    return root


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("truncated gz", "is truncated"),
        ("wrong magic", "is not an IDX file"),
        ("too few bytes", "is truncated"),
        ("fewer labels", "9 training images, but 10 labels"),
        ("one class", "one class only"),
        ("empty folder", "holds no images"),
    ],
)
def test_bad_data(kind: str, message: str, tmp_path: Path) -> None:
    assert_one_line(lenet("train", bad_data(kind, tmp_path / "data")), message)


def test_an_output_folder_that_cannot_be_made(
    tiny: Dataset, class_folder: Callable[..., Path]
) -> None:
    # A file where the parent folder should be: root, too, is refused here.
    Path("file").touch()
    done = lenet("train", class_folder(tiny.train), "--out", "file/run")
    assert_one_line(done, "file/run: Not a directory")


def test_an_output_folder_in_use(tiny: Dataset, class_folder: Callable[..., Path]) -> None:
    Path("taken").mkdir()
    Path("taken/work.txt").write_text("mine")
    done = lenet("train", class_folder(tiny.train), "--out", "taken")
    assert_one_line(done, "taken exists already")
    assert Path("taken/work.txt").read_text() == "mine"


# The kernel refuses to let any file grow beyond so many bytes, which fails as a full disk does.
@pytest.mark.slow
@pytest.mark.parametrize("limit", [1_000, 100_000])
def test_a_disk_that_takes_no_more(
    limit: int, tiny: Dataset, class_folder: Callable[..., Path]
) -> None:
    folder = class_folder(tiny.train)
    code = (
        f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit})); "
        "from lenet.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-B", "-c", code, "train", str(folder), "--out", "run"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert_one_line(done, "run/checkpoint/state.safetensors: File too large")
    assert not Path("run").exists()


@pytest.mark.parametrize("command", ["evaluate", "summary"])
def test_a_corrupt_config(command: str, tmp_path: Path) -> None:
    network = lenet_network(channels=(1, 1), hidden=(2,), classes=2)
    weights = {k: np.zeros(s, np.float32) for k, s in network.parameter_shapes.items()}
    Path("run").mkdir()
    Artifact(network, weights, ("a", "b")).save(Path("run"))
    (tmp_path / "run" / "config.json").write_text('{"format": 1,')
    assert_one_line(lenet(command, "run"), "config.json is corrupt")


def test_without_pytorch_the_extra_is_named(tmp_path: Path) -> None:
    # A module of that name which fails to import, found before the real one.
    (tmp_path / "torch.py").write_text("raise ModuleNotFoundError('no torch', name='torch')")
    done = process("train", "mnist", "--engine", "torch")
    assert_one_line(done, f'{sys.executable} -m pip install "torch>=')
    assert "build for the CPU alone" in done.stderr


def test_a_terminal_of_another_alphabet_is_served() -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    done = subprocess.run(
        [sys.executable, "-m", "lenet", "summary"], env=environment, capture_output=True, check=True
    )
    assert b"61,706" in done.stdout


def test_help_ends_well_and_no_arguments_show_it() -> None:
    assert lenet("--help").returncode == lenet("train", "--help").returncode == 0
    assert "Commands:" in lenet().stdout


def test_a_reader_that_goes_away_is_no_error() -> None:
    shell = shutil.which("bash")
    assert shell is not None
    command = f"set -o pipefail; {sys.executable} -m lenet summary | true"
    done = subprocess.run([shell, "-c", command], capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr


@pytest.mark.slow
def test_nobody_reading_on_is_no_mistake(tmp_path: Path) -> None:
    for number in range(3000):
        (tmp_path / f"{number}.png").write_bytes(b"no picture")
    with subprocess.Popen(
        [sys.executable, "-m", "lenet", "predict", "digits", str(tmp_path), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith(b'{"path"')
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 0
