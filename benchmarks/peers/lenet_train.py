"""``lenet train`` itself, told in the peers' words: process start to saved results."""

import csv
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from peer import parser


def main() -> None:
    given = parser(__doc__).parse_args()
    lenet = Path(sys.executable).with_name("lenet")
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        command = [lenet, "train", "--quiet", "--epochs", str(given.epochs), "--out", run]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        metrics = json.loads((run / "metrics.json").read_text())
        with (run / "history.csv").open() as file:
            seconds = [float(row["seconds"]) for row in csv.DictReader(file)]
    line = {
        "peer": f"lenet ({metrics['engine']})",
        "versions": metrics["versions"],
        "threads": metrics["threads"],
        "epochs": metrics["epochs"],
        "seconds_per_epoch": seconds,
        "total_seconds": round(metrics["total_seconds"], 3),
        "test_accuracy": metrics["test_accuracy"],
    }
    print(json.dumps(line))


if __name__ == "__main__":
    main()
