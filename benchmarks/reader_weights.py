"""Ship a reader: its artifact from a run folder, and the card that says what it does.

First `lenet train reader --out RUN`; then

    python benchmarks/reader_weights.py RUN          ships that
    python benchmarks/reading.py                     measures it
    python benchmarks/reader_weights.py              writes the card from what was measured
"""

import argparse
import json
from pathlib import Path
from typing import Any

from lenet import weights
from lenet.artifact import Artifact, load
from lenet.files import write_text
from lenet.reading.reader import NAME

RESULTS = Path(__file__).parent / "results" / "reading.json"


def card(reader: Artifact, measured: dict[str, Any]) -> str:
    own = measured["cheques"]["test"]["lenet read"]
    low, high = own["right_interval"]
    parameters = [one.network.parameters for one in reader.members]
    lines = [
        f"# {NAME}",
        "",
        "For the one handwritten number in a crop of a cheque, a form or a page: `lenet read`.",
        "",
        "Not for printed type, letters, or several numbers in one picture. Check numbers that "
        "matter by another means: a confident answer is still wrong now and then. The cheques it "
        "was trained on come from one country and few writers.",
        "",
        "| | |",
        "|---|---|",
        "| data | 756 amounts of ORAND-CAR-A, in blocks of neighbours; MNIST's training digits "
        f"(SHA-256 of the cheques: `{reader.origin['data_sha256'][:16]}…`) |",
        f"| made by | `lenet train reader`, seed {reader.origin['seed']}; temperature and "
        "thresholds fitted on 108 other amounts |",
        f"| parameters | {' and '.join(f'{one:,}' for one in parameters)}, two networks |",
        f"| whole amounts of the test part correct | {own['right'] / own['strings']:.1%} of "
        f"{own['strings']} ({low:.1%} to {high:.1%}), none rejected; one seed |",
        f"| digit errors | {own['digit_errors'] / own['digits']:.2%} |",
        f"| expected calibration error, over amounts | {own['calibration_error']:.1%} (from so "
        f"few, perfect probabilities would show {own['calibration_error_by_chance']:.1%}) |",
    ]
    for asked in own["own"]:
        accepted = asked["correct"] + asked["wrong"]
        lines.append(
            f"| `--reject-error {asked['error']:.1%}` | {asked['rejected'] / own['strings']:.1%} "
            f"rejected, {asked['wrong'] / accepted:.1%} of the others wrong ({asked['wrong']} of "
            f"{accepted}) |"
        )
    lines += ["", "Drawn cases, photos, and pictures without a number: `docs/read.md`."]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description="Ship a reader.")
    parser.add_argument("run", type=Path, nargs="?")
    run = parser.parse_args().run
    folder = weights.FOLDER / NAME
    if run is not None:
        folder.mkdir(exist_ok=True)
        load(run).save(folder, int8=True)
    else:
        measured = json.loads(RESULTS.read_text())
        write_text(folder / "CARD.md", card(load(NAME), measured))


if __name__ == "__main__":
    main()
