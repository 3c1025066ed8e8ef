"""``lenet read``: what it prints, writes and refuses, with a network of random weights."""

import json
import os
import resource
import signal
import subprocess
import sys
from dataclasses import replace
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from rich.console import Console
from tests.cli import command

import lenet
from lenet.artifact import Artifact
from lenet.calibration.calibration import Calibration
from lenet.cli.output.answer_lines import json_line
from lenet.cli.output.reading_lines import as_text
from lenet.cli.output.reading_table import ReadingTable
from lenet.cli.output.show_reading import as_png
from lenet.networks import lenet_network
from lenet.networks.reader import SYMBOLS
from lenet.pictures.image import read_image
from lenet.pictures.types import Images
from lenet.reading.reader import Digit, Reading

BLUE, ORANGE = (0, 114, 178), (213, 94, 0)


@pytest.fixture
def artifact() -> Artifact:
    """Random weights, louder than they would be drawn: it reads something in every picture."""
    network = lenet_network(
        "relu", "max", channels=(3, 5), hidden=(8,), classes=SYMBOLS, input_size=32
    )
    random = np.random.default_rng(1)
    weights = {
        name: random.normal(0, 0.5, shape).astype(np.float32)
        for name, shape in network.parameter_shapes.items()
    }
    result = Artifact(network, weights, SYMBOLS, pictures="numbers")
    Path("run").mkdir()
    result.save(Path("run"))
    return result


def strokes(count: int) -> Image.Image:
    page = Image.new("L", (40 + 30 * count, 60), 230)
    for k in range(count):
        ImageDraw.Draw(page).line((24 + 30 * k, 12, 20 + 30 * k, 48), 40, 5)
    return page


def read(*arguments: str, input: bytes | str | None = None) -> "subprocess.CompletedProcess[str]":
    return command.lenet("read", "--reader", "run", *arguments, input=input)


def lines(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_json_is_what_the_library_reads(artifact: Artifact) -> None:
    for k in (1, 3):
        strokes(k).save(f"{k}.png")
    Path("bad.png").write_text("no image")
    Image.new("L", (50, 40), 255).save("blank.png")
    given = ["3.png", "bad.png", "blank.png", "1.png"]
    done = read(*given, "--json")
    assert (done.returncode, done.stderr) == (2, "")
    first, bad, blank, second = lines(done)
    assert bad == {"path": "bad.png", "error": "bad.png: cannot be read as an image (not an image)"}
    assert blank == {
        "path": "blank.png",
        "text": "",
        "confidence": 0.0,
        "rejected": True,
        "digits": [],
    }
    expected = lenet.read(["3.png", "1.png"], reader=artifact)
    assert any(one.text for one in expected)
    for line, reading in zip((first, second), expected, strict=True):
        assert list(line) == ["path", "text", "confidence", "rejected", "digits"]
        assert (line["text"], line["rejected"]) == (reading.text, reading.rejected)
        assert line["confidence"] == pytest.approx(reading.confidence, abs=1e-6)
        assert len(line["digits"]) == len(reading.digits)
        for shown, digit in zip(line["digits"], reading.digits, strict=True):
            assert list(shown) == ["text", "confidence", "box"]
            assert (shown["text"], tuple(shown["box"])) == (digit.text, digit.box)
            assert shown["confidence"] == pytest.approx(digit.confidence, abs=1e-6)


def test_text_is_one_line_a_picture(artifact: Artifact) -> None:
    strokes(2).save("x.png")
    Image.new("L", (50, 40), 255).save("blank.png")
    done = read("x.png", "missing.png", "blank.png")
    assert done.returncode == 2
    (reading,) = lenet.read("x.png", reader=artifact)
    assert done.stdout.splitlines() == [as_text("x.png", reading), "blank.png: no number"]
    assert done.stderr == "lenet: missing.png: cannot be read as an image (no such file)\n"


@pytest.mark.usefixtures("artifact")
def test_folders_patterns_and_standard_input() -> None:
    Path("scans/a").mkdir(parents=True)
    for name in ("scans/10.png", "scans/9.png", "scans/a/1.png"):
        strokes(1).save(name)
    Path("scans/notes.txt").write_text("notes")
    done = read("scans", "--json")
    assert done.returncode == 0
    assert done.stderr == "lenet: skipped files that are not pictures: 1 (.txt)\n"
    paths = [line["path"] for line in lines(done)]
    assert paths == ["scans/9.png", "scans/10.png", "scans/a/1.png"]
    assert [line["path"] for line in lines(read("scans/*/*.png", "--json"))] == ["scans/a/1.png"]
    piped = read("-", "--json", input="scans/9.png\nscans/10.png\n")
    assert [line["path"] for line in lines(piped)] == ["scans/9.png", "scans/10.png"]


@pytest.mark.usefixtures("artifact")
def test_what_is_known_of_the_number() -> None:
    strokes(3).save("x.png")
    texts = {
        option: lines(read("x.png", "--json", *option.split()))[0]["text"]
        for option in (
            "--length 2",
            "--length 5",
            "--pattern 12d",
            "--pattern [34]{2}",
            "--length 0",
        )
    }
    assert len(texts["--length 2"]) == 2
    assert len(texts["--length 5"]) == 5
    assert texts["--pattern 12d"][:2] == "12"
    assert len(texts["--pattern 12d"]) == 3
    assert len(texts["--pattern [34]{2}"]) == 2
    assert set(texts["--pattern [34]{2}"]) <= set("34")
    assert texts["--length 0"] == ""


def test_what_is_not_sure_enough(artifact: Artifact) -> None:
    strokes(2).save("x.png")
    thresholds = ((0.005, 1.0), (0.3, 0.0))
    replace(artifact, calibration=Calibration(thresholds=thresholds)).save(Path("run"))
    (strict,) = lines(read("x.png", "--json"))
    (mild,) = lines(read("x.png", "--json", "--reject-error", "30%"))
    assert (strict.pop("rejected"), mild.pop("rejected")) == (True, False)
    assert strict == mild
    assert read("x.png").stdout.startswith(f"x.png: not sure: {strict['text']} ")
    assert read("x.png", "--reject-error", "30%").stdout.startswith(f"x.png: {strict['text']} ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--length", "4", "--pattern", "dd"], "--length and --pattern exclude each other"),
        (["--pattern", "d{2"], "the template 'd{2' has '{' at character 2"),
        (["--pattern", "abc"], "the template 'abc' has 'a' at character 1"),
        (["--pattern", "d*1d{90}"], "the template 'd*1d{90}' needs more than 1000 states"),
        (["--length", "-1"], "a number cannot be -1 digits long"),
        (["--length", "101"], "a number cannot be 101 digits long"),
        (["--length", "four"], "'four' is not a valid integer"),
        (["--reject-error", "1%"], "does not know when to reject"),
        (["--reject-error", "7"], "'7' is not an error rate"),
        (["--reader", "nowhere"], "nowhere is not a run folder"),
        (["--reader", "digits"], "does not read numbers: classify its pictures with lenet predict"),
        (["--show", "run/config.json"], "'run/config.json' is a file"),
        (["--show", "run/config.json/in"], "Not a directory"),
    ],
)
@pytest.mark.usefixtures("artifact")
def test_mistakes_take_one_sentence(arguments: list[str], message: str) -> None:
    strokes(1).save("x.png")
    done = read("x.png", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_demo_has_a_picture_that_is_hard() -> None:
    done = command.lenet("read", "--demo", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert [(one["path"], one["rejected"]) for one in lines(done)] == [
        ("111063.png", True),
        ("188759.png", False),
        ("3843.png", False),
    ]
    for one in lines(done)[1:]:
        assert one["path"] == f"{one['text']}.png"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "name the pictures: lenet read IMAGE..., or try --demo."),
        (["x.png", "--demo"], "--demo brings its own pictures; leave out x.png."),
    ],
)
def test_pictures_are_named_or_the_demos(arguments: list[str], message: str) -> None:
    done = command.lenet("read", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


@pytest.mark.usefixtures("artifact")
def test_predict_sends_who_has_numbers_here() -> None:
    strokes(1).save("x.png")
    done = command.lenet("predict", "run", "x.png")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "lenet: run reads whole numbers: use lenet read --reader run IMAGE...\n"


def test_reading_starts_without_what_is_slow(artifact: Artifact) -> None:
    strokes(1).save("x.png")

    def loaded(*arguments: str) -> set[str]:
        done = subprocess.run(
            [sys.executable, "-X", "importtime", "-m", "lenet", "read", *arguments],
            capture_output=True,
            text=True,
            check=True,
        )
        return {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}

    found = loaded("x.png", "--reader", "run")
    assert "lenet.reading.reader" in found
    slow = {"torch", "sklearn", "matplotlib", "scipy", "rich", "jinja2"}
    assert not found & {*slow, "PIL.ImageDraw", "PIL.ImageFont"}
    assert not loaded("--help") & slow


@pytest.mark.usefixtures("artifact")
def test_readings_come_as_paths_come_and_an_interrupt_ends_it() -> None:
    strokes(1).save("x.png")
    with subprocess.Popen(
        [sys.executable, "-m", "lenet", "read", "--reader", "run", "-"],
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
        assert process.wait(60) == 130
        assert process.stderr.read().strip() == b"lenet: interrupted"


@pytest.mark.usefixtures("artifact")
def test_a_terminal_gets_a_table() -> None:
    strokes(2).save("x.png")
    Image.new("L", (50, 40), 255).save("blank.png")
    ours, theirs = os.openpty()
    try:
        subprocess.run(
            [sys.executable, "-m", "lenet", "read", "--reader", "run", "x.png", "blank.png"],
            stdout=theirs,
            env={**os.environ, "COLUMNS": "90", "TERM": "xterm"},
            check=True,
        )
        text = os.read(ours, 1 << 16).decode()
    finally:
        os.close(ours)
        os.close(theirs)
    head, first, second, total = text.splitlines()
    assert head == "\x1b[2mnumber        confidence            picture\x1b[0m"
    assert first.endswith("x.png")
    assert second.startswith("\x1b[2mno number\x1b[0m ")
    assert total == "2 answered, 1 not sure"


def reading(text: str, confidence: float, *sure: float, rejected: bool = False) -> Reading:
    sure = sure or (1.0,) * len(text)
    digits = [
        Digit(*one, (10 + 20 * k, 10, 12, 20)) for k, one in enumerate(zip(text, sure, strict=True))
    ]
    return Reading(text, confidence, rejected, tuple(digits))


EMPTY = Reading("", 0.9, True, ())


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (reading("417", 0.992), "a.png: 417 99.2%"),
        (reading("00", 0.61, rejected=True), "a.png: not sure: 00 61.0%"),
        (EMPTY, "a.png: no number"),
    ],
)
def test_lines_of_text(given: Reading, line: str) -> None:
    assert as_text("a.png", given) == line


def test_lines_stay_lines() -> None:
    assert as_text("a\n\x1b.png", EMPTY) == r"a\n\x1b.png: no number"
    assert json_line(EMPTY.to_json("a\n.png")).count("\n") == 0
    assert json.loads(json_line(EMPTY.to_json("\udce9.png")))["path"] == "\udce9.png"


def test_a_table_as_it_should_look() -> None:
    text = StringIO()
    table = ReadingTable(Console(file=text, width=60, force_terminal=True, color_system=None))
    table.add("scans/1.png", reading("417", 0.992))
    table.add("scans/" + "x" * 60, reading("00417", 0.61, 1, 1, 1, 0.62, 1, rejected=True))
    table.add("a\nb.png", EMPTY)
    table.add("long.png", reading("1" * 14, 1.0))
    assert [line.rstrip() for line in text.getvalue().splitlines()] == [
        "number        confidence            picture",
        "417                99.2%            scans/1.png",
        "00417              61.0%  not sure  scans/" + "x" * 60,
        r"no number                           a\nb.png",
        "11111111111111      100.0%            long.png",
    ]


def test_doubtful_digits_are_marked_in_the_table() -> None:
    text = StringIO()
    console = Console(file=text, width=80, force_terminal=True, color_system="standard")
    ReadingTable(console).add("x.png", reading("47", 0.6, 0.99, 0.62))
    assert "\x1b[1m4\x1b[0m\x1b[1;4m7\x1b[0m" in text.getvalue()  # also without colours


def test_pictures_are_shown_with_what_was_read(artifact: Artifact) -> None:
    for name in ("scans/x.png", "scans/a/x.png", "scans/bad.png"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        strokes(len(name) % 4 + 1).save(name)
    Path("scans/bad.png").write_text("bad")
    first, second = (read("scans", "--show", "scans/seen/here") for _ in range(2))
    assert (first.stdout, first.returncode) == (second.stdout, 2)
    assert len(first.stdout.splitlines()) == 2
    expected = {"00001-x.png": "scans/a/x.png", "00003-x.png": "scans/x.png"}
    assert {path.name for path in Path("scans/seen/here").iterdir()} == set(expected)
    for name, source in expected.items():
        image = read_image(Path(source))
        (found,) = lenet.read(image, reader=artifact)
        assert (Path("scans/seen/here") / name).read_bytes() == as_png(image, found)


def drawn(image: Images, given: Reading) -> Images:
    shown = Image.open(BytesIO(as_png(image, given)))
    assert shown.mode == "RGB"
    return np.asarray(shown)


def coloured(shown: Images, colour: tuple[int, int, int]) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom of what has just this colour."""
    rows, columns = np.nonzero((shown == colour).all(axis=2))
    return int(columns.min()), int(rows.min()), int(columns.max()), int(rows.max())


def test_boxes_are_drawn_around_the_digits() -> None:
    page = np.full((40, 60, 3), (10, 200, 30), np.uint8)
    shown = drawn(page, reading("47", 0.9, 1.0, 0.5))
    corner = np.argwhere((shown == (10, 200, 30)).all(axis=2))[0]  # enlarged eight times
    left, _, right, bottom = coloured(shown, BLUE)
    assert (left - corner[1], right - corner[1], bottom - corner[0]) == (78, 177, 241)
    left, _, right, bottom = coloured(shown, ORANGE)
    assert (left - corner[1], right - corner[1], bottom - corner[0]) == (238, 337, 241)


@pytest.mark.parametrize(
    ("size", "box", "least"),
    [
        ((1, 1), (0, 0, 1, 1), 400),
        ((28, 28), (9, 4, 10, 20), 300),
        ((3000, 4000), (1000, 1000, 500, 900), 300),
        ((3000, 4000), (1000, 1000, 30, 50), 45),
        ((40, 1000), (300, 2, 12, 16), 45),
        ((1000, 40), (2, 300, 12, 16), 45),
        ((20, 3000), (300, 2, 12, 16), 30),
        ((1, 9000), (4, 0, 3, 1), 1),
    ],
)
@pytest.mark.parametrize("colours", [(), (3,)])
def test_every_size_is_shown_legibly(
    size: tuple[int, int],
    box: tuple[int, int, int, int],
    least: int,
    colours: tuple[int, ...],
) -> None:
    page = np.full((*size, *colours), 90, np.uint8)
    shown = drawn(page, Reading("7", 0.9, False, (Digit("7", 0.99, box),)))
    assert 100 <= max(shown.shape) <= 6100
    tallest = (shown == BLUE).all(axis=2).sum(axis=0).max()  # a side of the box
    assert tallest >= least


@pytest.mark.parametrize("text", ["", "7", "1234567890" * 4])
def test_the_number_has_room(text: str) -> None:
    shown = drawn(np.full((30, 30), 200, np.uint8), reading(text, 0.5, rejected=True))
    edge = np.concatenate([shown[0], shown[-1], shown[:, 0], shown[:, -1]])
    assert (edge == 255).all()


@settings(max_examples=30)
@given(
    rows=st.integers(1, 70),
    columns=st.integers(1, 70),
    boxes=st.lists(
        st.tuples(*[st.integers(0, 69)] * 2, *[st.integers(1, 70)] * 2), min_size=1, max_size=5
    ),
)
def test_no_box_is_too_odd_to_be_drawn(
    rows: int, columns: int, boxes: list[tuple[int, int, int, int]]
) -> None:
    digits = tuple(Digit("1", 0.5, box) for box in sorted(boxes))
    page = np.zeros((rows, columns), np.uint8)
    assert drawn(page, Reading("1" * len(boxes), 0.1, False, digits)).size


@pytest.mark.usefixtures("artifact")
def test_a_full_disk_takes_one_sentence() -> None:

    strokes(1).save("x.png")

    def no_room() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))

    done = command.process("read", "--reader", "run", "x.png", "--show", "seen", preexec_fn=no_room)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"lenet: {Path('seen/00001-x.png')}: File too large\n"
    assert not list(Path("seen").iterdir())


# What NumPy's linear algebra says of itself, after `lenet` has been asked for a command's help.
_THREADS = """
import sys
from lenet.cli import main
sys.argv = ["lenet", sys.argv[1], "--help"]
try:
    main()
except SystemExit:
    import numpy
    from threadpoolctl import threadpool_info  # of scikit-learn
    print([pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"])
"""
_PROCESSORS = min(len(os.sched_getaffinity(0)), 64)  # it is built for no more


@pytest.mark.parametrize(
    ("command", "wanted", "threads"),
    [
        ("read", None, [1]),
        ("serve", None, [1]),
        ("evaluate", None, [_PROCESSORS]),
        ("read", "2", [min(2, _PROCESSORS)]),
    ],
)
def test_small_sums_stay_on_one_thread_unless_somebody_wants_more(
    command: str, wanted: str | None, threads: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    if wanted is not None:
        monkeypatch.setenv("OPENBLAS_NUM_THREADS", wanted)
    done = subprocess.run(
        [sys.executable, "-c", _THREADS, command], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout.splitlines()[-1]) == threads
