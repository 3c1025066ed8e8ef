import dataclasses
import json
import os
import resource
import signal
import struct
import subprocess
import sys
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.cli.command import lenet, process

from lenet.artifact import Artifact
from lenet.calibration.calibration import Calibration
from lenet.engine.probabilities import softmax
from lenet.networks import lenet_network
from lenet.pictures.image import read_image
from lenet.pictures.network_input import network_input

RANDOM = np.random.default_rng(1)
GREY = Image.fromarray(RANDOM.integers(0, 256, (28, 28), np.uint8))
COLOUR = Image.fromarray(RANDOM.integers(0, 256, (50, 70, 3), np.uint8))
SHAPE = (1, 28, 28)


@pytest.fixture
def artifact() -> Artifact:
    network = lenet_network(classes=4)
    random = np.random.default_rng(0)
    weights = {
        k: random.normal(size=s).astype(np.float32) for k, s in network.parameter_shapes.items()
    }
    result = Artifact(network, weights, ("a", "b", "ç", "d"))
    Path("run").mkdir()
    result.save(Path("run"))
    return result


def lenet_predict(
    *arguments: str | bytes, input: bytes | str | None = None
) -> "subprocess.CompletedProcess[str]":
    return lenet("predict", *arguments, input=input)


def predict(
    *arguments: str | bytes, input: bytes | str | None = None
) -> "subprocess.CompletedProcess[str]":
    return lenet_predict("run", *arguments, input=input)


def encoded(image: Image.Image, form: str = "PNG", **options: Any) -> bytes:
    buffer = BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def lines(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def claims(width: int, height: int) -> bytes:
    """Make a small PNG that says it is large."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def test_an_image_of_the_networks_size_is_taken_as_it_is(artifact: Artifact) -> None:
    GREY.save("x.png")
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "lenet", "predict", "run", "x.png", "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0
    (answer,) = lines(done)
    expected = softmax(artifact.forward(np.asarray(GREY)[None]))[0]
    assert set(answer) == {"path", "label", "probability", "rejected", "several", "top"}
    assert answer["label"] == artifact.classes[int(expected.argmax())]
    assert answer["probability"] == pytest.approx(float(expected.max()), abs=1e-5)
    assert answer["rejected"] is False
    assert [t["label"] for t in answer["top"]] == [
        artifact.classes[k] for k in np.argsort(-expected, kind="stable")[:3]
    ]
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "lenet.artifact" in loaded
    assert not loaded & {"torch", "sklearn", "matplotlib", "rich", "scipy"}


WHOLE = encoded(COLOUR)
GOOD = {
    "grey.png": encoded(GREY),
    "16 bit.png": encoded(Image.fromarray(RANDOM.integers(0, 65536, (30, 30), np.uint16))),
    "palette.png": encoded(COLOUR.convert("P"), transparency=3),
    "cmyk.jpg": encoded(COLOUR.convert("CMYK"), "JPEG"),
    "rgba.png": encoded(COLOUR.convert("RGBA")),
    "grey.gif": encoded(GREY, "GIF"),
    "a png.jpg": encoded(COLOUR),
    "one pixel.png": encoded(Image.new("L", (1, 1))),
    "line\nend \x1b[31m.png": encoded(GREY),
    "日本.webp": encoded(COLOUR, "WEBP"),
    "no suffix": encoded(GREY),
}
BAD = {
    "truncated.png": WHOLE[: len(WHOLE) // 2],
    "truncated.jpg": encoded(COLOUR, "JPEG")[:300],
    "head.png": WHOLE[:8],
    "text.png": b"this is no image",
    "zero.png": b"",
    "huge.png": claims(100_000, 100_000),
    "huge side.png": claims(2**31 - 1, 1),
    "empty sides.png": claims(0, 0),
}


@pytest.mark.usefixtures("artifact")
def test_every_malformed_picture_is_named_and_the_others_are_answered(artifact: Artifact) -> None:
    for name, content in {**GOOD, **BAD}.items():
        Path(name).write_bytes(content)
    Path("broken link.png").symlink_to("nowhere")
    Path("loop.png").symlink_to("loop.png")
    Path("folder.png").mkdir()
    Path("folder.png/in it.png").write_bytes(GOOD["grey.png"])
    wrong = [*BAD, "broken link.png", "loop.png", "missing.png", "x" * 300, "no*match", "run"]
    given = [name for pair in zip(wrong, [*GOOD, *GOOD], strict=False) for name in pair]
    done = predict(*given, "folder.png", "--json")
    assert done.returncode == 2
    assert [line["path"] for line in lines(done)] == [*given, "folder.png/in it.png"]
    for line in lines(done):
        if line["path"] in wrong:
            assert set(line) == {"path", "error"}
            assert line["error"].startswith(line["path"] + ": ")
        else:
            image = network_input(read_image(Path(line["path"])), "plain", SHAPE)
            (answer,) = artifact.predict(image)
            assert line["label"] == answer.label
            assert line["probability"] == pytest.approx(answer.probability, abs=1e-6)
    assert "Traceback" not in done.stderr
    assert done.stderr == "lenet: skipped files that are not pictures: 2 (.json, .safetensors)\n"


@pytest.mark.usefixtures("artifact")
def test_every_page_of_a_file_has_an_answer() -> None:
    others = [GREY.rotate(90 * turns) for turns in (1, 2)]
    for number, picture in enumerate([GREY, *others], start=1):
        picture.save(f"{number}.png")
    for form in ("TIFF", "GIF", "PNG"):
        rest = [picture.copy() for picture in others]  # `save` leaves options on a picture
        content = encoded(GREY.copy(), form, save_all=True, append_images=rest)
        Path("pages").write_bytes(content)
        expected = [line["label"] for line in lines(predict("1.png", "2.png", "3.png", "--json"))]
        for name in ("pages", "-"):
            done = predict(name, "--json", input=content)
            assert done.returncode == 0
            assert [one["path"] for one in lines(done)] == [f"{name}#{n}" for n in (1, 2, 3)]
            assert [one["label"] for one in lines(done)] == expected
            text = predict(name, input=content).stdout.splitlines()
            assert [line.partition(":")[0] for line in text] == [f"{name}#{n}" for n in (1, 2, 3)]


@pytest.mark.usefixtures("artifact")
def test_a_long_animation_gives_its_first_frame_and_that_is_said() -> None:
    GREY.save("film.gif", save_all=True, append_images=[GREY.rotate(n) for n in range(1, 25)])
    notice = "an animation of more than 20 frames, of which the first was taken"
    done = predict("film.gif")
    assert done.returncode == 0
    assert done.stdout.startswith("film.gif: ")
    assert done.stderr == f"lenet: film.gif: {notice}\n"
    (line,) = lines(predict("film.gif", "--json"))
    assert line["path"] == "film.gif"
    assert line["notice"] == notice


@pytest.mark.usefixtures("artifact")
def test_other_documents_are_named_for_what_they_are() -> None:
    Path("a.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'></svg>")
    Path("photo.jpg").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100))
    done = predict("a.svg", "photo.jpg")
    assert done.returncode == 2
    first, second = done.stderr.splitlines()
    assert first == (
        "lenet: a.svg: cannot be read as an image: it is an SVG drawing: export it as PNG"
    )
    assert second.startswith("lenet: photo.jpg: cannot be read as an image: it is a HEIC picture")


@pytest.mark.usefixtures("artifact")
def test_in_text_errors_go_where_errors_go() -> None:
    COLOUR.save("colour.jpg")
    Path("bro\nken.png").write_bytes(b"\x89PNG")
    done = predict("colour.jpg", "bro\nken.png", "missing.png", "colour.jpg")
    assert done.returncode == 2
    first, second = done.stdout.splitlines()
    assert first == second
    assert first.startswith("colour.jpg: ")
    assert done.stderr.splitlines() == [
        r"lenet: bro\nken.png: cannot be read as an image (not an image)",
        "lenet: missing.png: cannot be read as an image (no such file)",
    ]


@pytest.mark.usefixtures("artifact")
def test_a_path_of_other_bytes_than_utf8_comes_back() -> None:
    name = b"caf\xe9.png"
    Path(os.fsdecode(name)).write_bytes(encoded(GREY))
    done = predict(name, "--json")
    assert (done.returncode, os.fsencode(lines(done)[0]["path"])) == (0, name)
    assert predict(name).stdout.startswith(r"caf\udce9.png: ")


@pytest.mark.parametrize(
    ("stdin", "paths", "code"),
    [
        (encoded(GREY), ["-"], 0),
        (encoded(COLOUR, "JPEG"), ["-"], 0),
        (encoded(COLOUR)[:200], ["-"], 2),
        (b"x.png\nsub\n", ["x.png", "sub/x.png"], 0),
        (b"x.png\nmissing.png\r\n\nx.png", ["x.png", "missing.png", "x.png"], 2),
        (b"", ["-"], 2),
        (b"\n", ["-"], 2),
    ],
)
@pytest.mark.usefixtures("artifact")
def test_standard_input_is_an_image_or_paths(stdin: bytes, paths: list[str], code: int) -> None:
    Path("sub").mkdir()
    for path in ("x.png", "sub/x.png"):
        GREY.save(path)
    done = predict("-", "--json", input=stdin)
    assert [line["path"] for line in lines(done)] == paths
    assert (done.returncode, done.stderr) == (code, "")


@pytest.mark.usefixtures("artifact")
def test_closed_standard_input_is_said() -> None:
    done = process("predict", "run", "-", preexec_fn=lambda: os.close(0))
    assert (done.returncode, done.stderr) == (2, "lenet: standard input is closed\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["x*.png"], "x*.png: no file matches this pattern"),
        (["empty"], "empty: there are no pictures in this folder"),
        (["x.png", "--reject-error", "1%"], "lenet train --validation 0.1"),
        (["x.png", "--reject-error", "2"], "'2' is not an error rate"),
        (["x.png", "--show-input", "run/config.json"], "'run/config.json' is a file"),
        (["x.png", "--show-input", "run/config.json/in"], "Not a directory"),
        ([], "run is a network; name the pictures too: lenet predict run IMAGE..."),
    ],
)
@pytest.mark.usefixtures("artifact")
def test_mistakes_take_one_sentence(arguments: list[str], message: str) -> None:
    Path("empty").mkdir()
    done = predict(*arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert (done.stdout, done.stderr.count("\n")) == ("", 1)


def test_doubtful_answers_are_rejected(artifact: Artifact) -> None:
    GREY.save("x.png")
    last: Any = artifact.network.layers[-1]
    asking = dataclasses.replace(
        artifact.network,
        layers=(*artifact.network.layers[:-1], dataclasses.replace(last, rubbish=-5.0)),
    )
    (answer,) = artifact.predict(np.asarray(GREY))
    thresholds = ((0.005, 1.0), (0.01, 0.999), (0.3, 0.01))
    dataclasses.replace(artifact, network=asking, calibration=Calibration(30.0, thresholds)).save(
        Path("run")
    )
    (strict,) = lines(predict("x.png", "--json"))
    (mild,) = lines(predict("x.png", "--json", "--reject-error", "30%"))
    assert (strict.pop("rejected"), mild.pop("rejected")) == (True, False)
    assert strict == mild
    assert strict["label"] == answer.label
    assert strict["none"] > 0
    text = predict("x.png").stdout
    assert text.startswith(f"x.png: not sure: {answer.label} ")
    assert "none of these" in text
    assert "not sure" not in predict("x.png", "--reject-error", "30%").stdout
    done = predict("x.png", "--reject-error", "0.1%")
    assert (done.returncode, done.stdout) == (2, "")
    assert "0.1%" in done.stderr


def test_what_the_network_sees_is_written(artifact: Artifact) -> None:
    for name in ("scans/x.png", "scans/a/x.png", "scans/ä:b\n.png", "scans/bad.png"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        COLOUR.rotate(len(name)).save(name)
    Path("scans/bad.png").write_text("bad")
    # Within the folder that is looked through: what is written there is not answered.
    first, second = (predict("scans", "--show-input", "scans/seen/here") for _ in range(2))
    assert (first.stdout, first.returncode) == (second.stdout, 2)
    assert len(first.stdout.splitlines()) == 3
    expected = {
        "00001-x.png": "scans/a/x.png",
        "00003-x.png": "scans/x.png",
        "00004-ä_b_.png": "scans/ä:b\n.png",
    }
    assert {path.name for path in Path("scans/seen/here").iterdir()} == set(expected)
    for name, source in expected.items():
        seen = np.asarray(Image.open(Path("scans/seen/here") / name))
        assert np.array_equal(seen, network_input(read_image(Path(source)), "plain", SHAPE))


@pytest.mark.usefixtures("artifact")
def test_a_full_disk_takes_one_sentence() -> None:
    GREY.save("x.png")

    def no_room() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))

    done = process("predict", "run", "x.png", "--show-input", "seen", preexec_fn=no_room)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"lenet: {Path('seen/00001-x.png')}: File too large\n"
    assert not list(Path("seen").iterdir())


@pytest.mark.slow
@pytest.mark.usefixtures("artifact")
def test_many_pictures_take_no_more_memory_than_few() -> None:
    Path("many").mkdir()
    for number in range(5000):
        Path(f"many/{number}.png").write_bytes(encoded(Image.new("L", (28, 28), number % 256)))
    code = (
        "import resource, sys\n"
        "from lenet.cli.main import _run\n"
        "sys.argv[1:] = ['predict', 'run', *sys.argv[1:], '--json']\n"
        "code = _run()\n"
        "print(code, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)\n"
    )

    def peak(*paths: str) -> int:
        done = subprocess.run(
            [sys.executable, "-c", code, *paths], capture_output=True, text=True, check=True
        )
        returned, kilobytes = done.stderr.split()
        assert returned == "0"
        nonlocal answered
        answered = [line["path"] for line in lines(done)]
        return int(kilobytes)

    answered: list[str] = []
    few = peak("many/0.png", "many/1.png")
    many = peak("many")
    assert answered == [f"many/{number}.png" for number in range(5000)]
    assert many < few + 20_000


@pytest.mark.usefixtures("artifact")
def test_who_stops_reading_hears_no_complaint() -> None:
    GREY.save("x.png")
    with subprocess.Popen(
        [sys.executable, "-m", "lenet", "predict", "run", *["x.png"] * 5000],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline().startswith(b"x.png: ")
        process.stdout.close()
        assert process.stderr.read() == b""


@pytest.mark.usefixtures("artifact")
def test_answers_come_as_paths_come_and_an_interrupt_ends_it() -> None:
    GREY.save("x.png")
    with subprocess.Popen(
        [sys.executable, "-m", "lenet", "predict", "run", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        for _ in range(2):
            process.stdin.write(b"x.png\n")
            process.stdin.flush()
            assert process.stdout.readline().startswith(b"x.png: ")
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130  # while its standard input is still open
        assert process.stderr.read().strip() == b"lenet: interrupted"


@pytest.mark.usefixtures("artifact")
def test_a_terminal_gets_a_table() -> None:
    GREY.save("x.png")
    ours, theirs = os.openpty()
    try:
        done = subprocess.run(
            [sys.executable, "-m", "lenet", "predict", "run", "x.png", "x.png"],
            stdout=theirs,
            env={**os.environ, "COLUMNS": "90", "TERM": "xterm"},
            check=True,
        )
        text = os.read(ours, 1 << 16).decode()
    finally:
        os.close(ours)
        os.close(theirs)
    assert done.returncode == 0
    head, first, second, total = text.splitlines()
    assert "likeliest" in head
    assert first == second
    assert "x.png" in first
    assert total == "2 answered, 0 not sure"


def test_without_a_network_digits_answers_and_names_have_aliases() -> None:
    GREY.save("x.png")
    Path("folder").mkdir()
    COLOUR.save("folder/y.png")
    plain, named = lenet_predict("x.png", "folder"), lenet_predict("digits", "x.png", "folder")
    assert plain.returncode == 0
    assert [line.partition(": ")[0] for line in plain.stdout.splitlines()] == [
        "x.png",
        "folder/y.png",
    ]
    assert plain.stdout == named.stdout
    for alias, name in (("LeNet-5", "lecun1998"), ("d2l", "chapter")):
        assert lenet_predict(alias, "x.png").stdout == lenet_predict(name, "x.png").stdout != ""


def test_the_demo_has_a_picture_that_is_hard() -> None:
    done = lenet_predict("--demo", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert [(one["path"], one["rejected"]) for one in lines(done)] == [
        ("crowded-six.png", True),
        ("seven.png", False),
        ("three.png", False),
    ]
    assert [one["label"] for one in lines(done)][1:] == ["7", "3"]
    other = lenet_predict("digits-record", "--demo", "--json")
    assert [one["path"] for one in lines(other)] == [one["path"] for one in lines(done)]
    assert lines(other) != lines(done)
