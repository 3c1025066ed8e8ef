"""How the reader's network may be built, tried on cheques that are not for tests.

    python benchmarks/reader_choices.py --cheques PATH     tries all, in half an hour

The crops that are not of the test part are cut into four by their blocks of neighbours. Networks
learn from three quarters, by `lenet train reader`'s own recipe but in fewer steps, and read the
last, as it is labelled: each by itself, and two together, as an ensemble. Raw
results: ``benchmarks/results/reader_choices.json``; they are of 2026-11-28, when each network read
a field at three sizes.

The penalty of the right string, -log of its probability, tells more of two networks than how many
strings each reads. One of more than 10 counts as 10, for some labels are wrong.
"""

import argparse
import json
import tempfile
from collections.abc import Sequence
from itertools import combinations
from math import log
from pathlib import Path
from statistics import mean
from typing import Any

from lenet.artifact import Artifact
from lenet.data import load_data
from lenet.data.cheque_source import find_cheques
from lenet.data.cheques import Cheque
from lenet.networks import Network, lenet_network
from lenet.networks.convolution import Convolution
from lenet.networks.layers import Activation, Flatten, Linear, Pooling
from lenet.networks.network import Layer
from lenet.networks.reader import SYMBOLS, reader_network
from lenet.reading.decoder import read_string
from lenet.reading.reader import log_probabilities_of
from lenet.reading.trellis import string_probabilities
from lenet.synthesis.fields import Sources, read_sources
from lenet.training.reader import numbers_of, train_reader
from lenet.training.reader_recipe import ReaderRecipe
from reading_scores import Answer, area, edit_distance

RESULTS = Path(__file__).parent / "results" / "reader_choices.json"
PARTS, BLOCK = 4, 27
RECIPE = ReaderRecipe(steps=1_500)
MOST = 10.0


def twice_3x3() -> Network:
    """Return the reader with each 5×5 convolution as two of 3×3, which see as much.

    Simonyan and Zisserman, "Very Deep Convolutional Networks", ICLR 2015, section 2.3.
    """
    layers: list[Layer] = []
    for block, maps in enumerate((24, 64), start=1):
        for number in (2 * block - 1, 2 * block):
            layers += [
                Convolution(f"conv{number}", maps, kernel=3),
                Activation(f"act{number}", "relu"),
            ]
        layers.append(Pooling(f"pool{block}", "max"))
    layers += [
        Flatten("flatten"),
        Linear("fc1", 112),
        Activation("act5", "relu"),
        Linear("fc2", 84),
        Activation("act6", "relu"),
        Linear("fc3", len(SYMBOLS)),
    ]
    return Network("reader of 3×3", (1, 32, 32), tuple(layers))


CANDIDATES = {
    "5×5": reader_network(),
    "5×5, wider": lenet_network("relu", "max", (32, 96), (200, 120), SYMBOLS, input_size=32),
    "3×3": twice_3x3(),
}


def parted(crops: list[Cheque]) -> tuple[list[Cheque], list[Cheque]]:
    """Return what to learn from and what is held out."""
    known = [one for one in crops if one.part != "test"]
    held = [place // BLOCK % PARTS == 0 for place in range(len(known))]
    return (
        [one for one, out in zip(known, held, strict=True) if not out],
        [one for one, out in zip(known, held, strict=True) if out],
    )


def trained(network: Network, sources: Sources) -> Artifact:
    def on_step(step: int, loss: float, artifact: object) -> None:
        if step % 100 == 0:
            print(f"    step {step:,}, penalty {loss:.2f}", flush=True)

    with tempfile.TemporaryDirectory() as folder:
        return train_reader(sources, network, RECIPE, 0, Path(folder), on_step)


def measured(readers: Sequence[Artifact], crops: list[Cheque]) -> dict[str, Any]:
    """Return how networks read crops, as an ensemble of all their members."""
    answers: list[Answer] = []
    penalties: list[float] = []
    for crop, (ink, truth) in zip(crops, numbers_of(crops), strict=True):
        members = (
            []
            if ink is None
            else [one for own in readers for one in log_probabilities_of(own, ink)]
        )
        text, confidence = read_string(members) if members else ("", 0.0)
        answers.append(Answer(crop.path.name, truth, text, confidence))
        probability = mean([string_probabilities(one, [truth])[0] for one in members] or [0.0])
        penalties.append(min(-log(probability), MOST) if probability else MOST)
    return {
        "parameters": sum(reader.network.parameters for reader in readers),
        "steps": RECIPE.steps,
        "strings": len(answers),
        "right": sum(one.right for one in answers),
        "digits": sum(len(one.digits) for one in answers),
        "digit_errors": sum(edit_distance(one.text, one.digits) for one in answers),
        "penalty": round(mean(penalties), 4),
        "area": round(area(answers), 5),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="How the reader's network may be built.")
    parser.add_argument("--cheques", type=Path, help="a folder with the labelled cheques")
    learnt, held_out = parted(find_cheques(parser.parse_args().cheques))
    sources = read_sources(learnt, load_data("mnist").train)
    results: dict[str, Any] = {}
    readers: dict[str, Artifact] = {}
    for name, network in CANDIDATES.items():
        print(name, flush=True)
        readers[name] = trained(network, sources)
        results[name] = measured([readers[name]], held_out)
        print(results[name], flush=True)
    for pair in combinations(readers, 2):
        results[" and ".join(pair)] = measured([readers[name] for name in pair], held_out)
    RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
