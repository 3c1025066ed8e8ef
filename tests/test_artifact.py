import dataclasses
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import save as to_bytes

import lenet
from lenet import weights
from lenet.answers import answers
from lenet.artifact import CONFIG, WEIGHTS, Artifact, find, load
from lenet.calibration.calibration import UNCALIBRATED, Calibration
from lenet.engine import Normalization
from lenet.errors import LenetError
from lenet.networks import lenet_network
from lenet.pictures.image import ImageError
from lenet.pictures.network_input import network_input


@pytest.fixture
def artifact() -> Artifact:
    network = lenet_network(channels=(2, 3), hidden=(5,), classes=3)
    random = np.random.default_rng(0)
    return Artifact(
        network,
        {k: random.normal(size=s).astype(np.float32) for k, s in network.parameter_shapes.items()},
        ("a", "b", "ç"),
        Normalization(0.005, -0.1),
        {"data": "letters", "seed": 7},
    )


def test_what_is_saved_comes_back_and_answers_the_same(artifact: Artifact, tmp_path: Path) -> None:
    artifact.save(tmp_path)
    back = load(tmp_path)
    images = np.random.default_rng(1).integers(0, 256, (4, 28, 28), dtype=np.uint8)
    assert np.array_equal(back.forward(images), artifact.forward(images))
    assert (back.network, back.classes, back.normalization, back.origin) == (
        artifact.network,
        artifact.classes,
        artifact.normalization,
        artifact.origin,
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == [CONFIG, WEIGHTS]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": 2}, "format is 2"),
        ({"format": None}, "format is None"),
        ({"network": None}, "must be an object"),
        ({"classes": ["a", "b"]}, "2 class names for 3 outputs"),
        ({"classes": "abc"}, "list of names"),
        ({"classes": ["a", "b", 3]}, "list of names"),
        ({"normalization": {}}, "'scale' and 'offset'"),
        ({"origin": []}, "'origin' must be"),
        ({"origin": {"seed": "x"}}, "'seed' must be"),
        ({"origin": {"seed": -1}}, "'seed' must be"),
        *(({"beside": value}, "'beside' must be") for value in (-1, 10, True, "1", 1.0, None)),
        ({"origin": {"data": 3}}, "'data' is not of the right kind"),
        ({"origin": {"recipe": "chapter"}}, "'recipe' is not of the right kind"),
        ({"normalization": {"scale": 10**400, "offset": 0}}, "'scale' and 'offset'"),
    ],
)
def test_a_config_that_makes_no_sense_is_named(
    artifact: Artifact, tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    artifact.save(tmp_path)
    path = tmp_path / CONFIG
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(LenetError, match=rf"config\.json is corrupt: .*{message}"):
        load(tmp_path)


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"\xff\xfe\x00", b"[" * 100_000, b"NaN"])
def test_a_config_that_is_no_json_object_is_named(
    artifact: Artifact, tmp_path: Path, text: bytes
) -> None:
    artifact.save(tmp_path)
    (tmp_path / CONFIG).write_bytes(text)
    with pytest.raises(LenetError, match=r"config\.json is corrupt"):
        load(tmp_path)


@pytest.mark.parametrize("keep", [0, 5, 200, -1])
def test_truncated_weights_are_named(artifact: Artifact, tmp_path: Path, keep: int) -> None:
    artifact.save(tmp_path)
    path = tmp_path / WEIGHTS
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(LenetError, match="safetensors is corrupt"):
        load(tmp_path)


@pytest.mark.parametrize("kind", ["missing", "shape", "type", "no number"])
def test_weights_of_another_network_are_refused(
    artifact: Artifact, tmp_path: Path, kind: str
) -> None:
    artifact.save(tmp_path)
    parameters: dict[str, Any] = dict(artifact.parameters)
    if kind == "missing":
        del parameters["fc2.bias"]
    elif kind == "shape":
        parameters["fc2.bias"] = np.zeros(4, np.float32)
    elif kind == "type":
        parameters["fc2.bias"] = np.zeros(3, np.float64)
    else:
        parameters["fc2.bias"] = np.array([0, np.nan, 0], np.float32)
    (tmp_path / WEIGHTS).write_bytes(to_bytes(parameters))
    with pytest.raises(LenetError, match=r"model\.safetensors"):
        load(tmp_path)


def test_in_int8_it_is_a_quarter_as_large_and_as_exact_as_it_says(tmp_path: Path) -> None:
    network = lenet_network()
    random = np.random.default_rng(0)
    shapes = network.parameter_shapes
    values = {name: random.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    artifact = Artifact(network, values, tuple("0123456789"))
    artifact.save(tmp_path, int8=True)
    assert (tmp_path / WEIGHTS).stat().st_size < 1.1 * network.parameters + 2_000
    found, expected = load(tmp_path), artifact.quantized()
    for name, value in values.items():
        own = found.parameters[name]
        assert own.dtype == np.float32
        assert np.array_equal(own, expected.parameters[name])
        if value.ndim == 1:
            assert np.array_equal(own, value)
        else:
            assert 0 < np.abs(own - value).max() < 0.02
    found.save(tmp_path, int8=True)
    again = load(tmp_path)
    assert all(np.array_equal(again.parameters[k], v) for k, v in found.parameters.items())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"fc2.weight.scale": None}, "does not hold the parameters"),
        ({"fc1.weight.scale": np.ones(3, np.float32)}, "does not hold the parameters"),
        ({"fc2.weight.scale": np.ones(4, np.float32)}, "does not hold the parameters"),
        ({"fc2.weight.scale": np.ones(3, np.float64)}, "must hold float32 arrays, or int8 arrays"),
        ({"fc2.weight.scale": np.full(3, np.inf, np.float32)}, "infinite or NaN"),
        ({"fc2.weight.scale": np.full(3, 3e38, np.float32)}, "infinite or NaN"),
        ({"fc2.weight": np.zeros((3, 4), np.uint8)}, "does not hold the parameters"),
        ({"fc2.bias": np.zeros(3, np.int8)}, "does not hold the parameters"),
    ],
)
def test_int8_weights_that_make_no_sense_are_named(
    artifact: Artifact, tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    artifact.save(tmp_path)
    parameters: dict[str, Any] = dict(artifact.parameters)
    weight = parameters["fc2.weight"]
    parameters["fc2.weight"] = np.full(weight.shape, 100, np.int8)
    parameters["fc2.weight.scale"] = np.ones(len(weight), np.float32)
    (tmp_path / WEIGHTS).write_bytes(to_bytes(parameters))
    assert (load(tmp_path).parameters["fc2.weight"] == 100).all()
    for name, value in change.items():
        parameters[name] = value
    kept = {name: value for name, value in parameters.items() if value is not None}
    (tmp_path / WEIGHTS).write_bytes(to_bytes(kept))
    with pytest.raises(LenetError, match=rf"model\.safetensors.*{message}"):
        load(tmp_path)


def twins(artifact: Artifact) -> Artifact:
    doubled = {name: 2 * value for name, value in artifact.parameters.items()}
    return dataclasses.replace(
        artifact, other_members=(dataclasses.replace(artifact, parameters=doubled),)
    )


@pytest.mark.parametrize("int8", [False, True])
def test_all_members_are_saved_and_loaded(artifact: Artifact, tmp_path: Path, int8: bool) -> None:
    both = twins(artifact)
    both.save(tmp_path, int8)
    expected = both.quantized() if int8 else both
    found = load(tmp_path)
    assert len(found.members) == 2
    for own, one in zip(found.members, expected.members, strict=True):
        assert own.network == one.network
        assert all(np.array_equal(own.parameters[k], v) for k, v in one.parameters.items())
    names = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert names == {CONFIG, WEIGHTS, f"beside-1/{CONFIG}", f"beside-1/{WEIGHTS}"}


def test_the_members_of_an_ensemble_answer_and_not_the_ensemble(artifact: Artifact) -> None:
    both = twins(artifact)
    images = np.random.default_rng(1).integers(0, 256, (4, 28, 28), dtype=np.uint8)
    for ask in (both.forward, both.predict):
        with pytest.raises(LenetError, match="an ensemble of 2 networks"):
            ask(images)
    first, second = both.members
    assert not first.other_members
    assert np.array_equal(first.forward(images), artifact.forward(images))
    assert not np.array_equal(first.forward(images), second.forward(images))


@pytest.mark.parametrize("spoil", ["missing", "no weights", "beside another", "itself", "corrupt"])
def test_what_is_wrong_with_another_member_is_told(
    artifact: Artifact, tmp_path: Path, spoil: str
) -> None:
    twins(artifact).save(tmp_path)
    within = tmp_path / "beside-1"
    if spoil == "no weights":
        (within / WEIGHTS).unlink()
    elif spoil == "beside another":
        twins(artifact).save(within)
    elif spoil == "corrupt":
        (within / CONFIG).write_text("{")
    else:
        shutil.rmtree(within)
        if spoil == "itself":
            within.symlink_to(tmp_path)
    with pytest.raises(LenetError, match="beside-1"):
        load(tmp_path)


def test_a_folder_without_the_files_is_told_apart(artifact: Artifact, tmp_path: Path) -> None:
    with pytest.raises(LenetError, match="is not a run folder"):
        load(tmp_path)
    artifact.save(tmp_path)
    (tmp_path / WEIGHTS).unlink()
    with pytest.raises(LenetError, match=r"has no model\.safetensors"):
        load(tmp_path)


@pytest.fixture
def shipped(artifact: Artifact, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "site-packages"
    for name in ("digits", "fashion"):
        (folder / name).mkdir(parents=True)
        dataclasses.replace(artifact, origin={"data": name}).save(folder / name)
    (folder / "__pycache__").mkdir()
    monkeypatch.setattr(weights, "FOLDER", folder)
    return folder


@pytest.mark.parametrize(
    ("run", "data"),
    [
        ("digits", "digits"),
        ("fashion", "fashion"),
        ("./digits", "own"),
        ("digits/", "own"),
        (Path("digits"), "own"),
        ("runs/digits", "own"),
        ("mine", "own"),
    ],
)
@pytest.mark.usefixtures("shipped")
def test_a_name_is_a_shipped_network_and_a_path_a_run(
    artifact: Artifact, run: str | Path, data: str
) -> None:
    for folder in ("digits", "mine", "runs/digits"):
        Path(folder).mkdir(parents=True)
        dataclasses.replace(artifact, origin={"data": "own"}).save(Path(folder))
    assert load(run).origin["data"] == data


@pytest.mark.parametrize(
    ("run", "message"),
    [
        ("digts", r"comes with lenet \(digits, fashion\)\. Did you mean 'digits'\?$"),
        ("zzz", r"comes with lenet \(digits, fashion\)\.$"),
        ("runs/zzz", "runs/zzz is not a run folder, nor"),
        ("__pycache__", "__pycache__ is not a run folder, nor"),
        ("x.png", "x.png is a file"),
        ("", "is not a run folder"),
        (".", "is not a run folder"),
        ("runs", "runs is not a run folder"),
    ],
)
@pytest.mark.usefixtures("shipped")
def test_a_name_of_nothing_is_told_what_there_is(run: str, message: str) -> None:
    Path("x.png").touch()
    Path("runs").mkdir()
    with pytest.raises(LenetError, match=message):
        load(run)


def test_what_ships_can_be_loaded() -> None:
    for name in weights.names():
        assert find(name) == weights.FOLDER / name
        assert (weights.FOLDER / name / "CARD.md").is_file()
        assert lenet.load(name).classes


def test_predictions_are_the_engines(artifact: Artifact) -> None:
    images = np.random.default_rng(1).integers(0, 256, (300, 28, 28), dtype=np.uint8)
    expected = answers(
        artifact.network,
        artifact.classes,
        UNCALIBRATED,
        artifact.forward(images),
        None,
        np.zeros(len(images), np.bool_),
    )
    assert artifact.predict(images) == expected
    assert artifact.predict(images / 255) == expected
    for one, wanted in zip(artifact.predict(list(images[:20])), expected, strict=False):
        assert one.label == wanted.label
        assert one.probability == pytest.approx(wanted.probability, abs=1e-5)
    assert artifact.predict([]) == artifact.predict(images[:0]) == []


def test_files_and_photos_are_made_like_the_training_images(
    artifact: Artifact, tmp_path: Path
) -> None:
    digits = dataclasses.replace(artifact, pictures="digits")
    photo = np.full((90, 60), 200, np.uint8)
    photo[20:70, 28:34] = 30
    Image.fromarray(photo).save(tmp_path / "x.png")
    expected = digits.predict(network_input(photo, "digits", (1, 28, 28)))
    assert expected != digits.predict(network_input(photo, "plain", (1, 28, 28)))
    for given in (photo, tmp_path / "x.png", str(tmp_path / "x.png"), Image.fromarray(photo)):
        assert digits.predict(given) == expected
    with pytest.raises(ImageError, match=r"missing\.png"):
        digits.predict([photo, tmp_path / "missing.png"])


def test_a_picture_of_one_shade_shows_nothing(artifact: Artifact) -> None:
    _, height, width = artifact.network.input_shape
    images = np.zeros((3, height, width), np.uint8)
    images[1] = 200
    images[2, 0, 0] = 1
    assert [answer.rejected for answer in artifact.predict(images)] == [True, True, False]


def test_the_error_wanted_decides_what_is_rejected(artifact: Artifact) -> None:
    image = np.eye(28, dtype=np.uint8)
    (plain,) = artifact.predict(image)
    least = plain.probability
    thresholds = ((0.01, least + 0.001), (0.1, least - 0.001))
    fitted = dataclasses.replace(artifact, calibration=Calibration(thresholds=thresholds))
    assert not plain.rejected
    assert fitted.predict(image)[0].rejected
    assert not fitted.predict(image, reject_error=0.1)[0].rejected
    with pytest.raises(LenetError, match=r"lenet train --validation 0\.1"):
        artifact.predict(image, reject_error=0.1)
