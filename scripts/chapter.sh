#!/usr/bin/env bash
# The main job, from nothing to a report. Each part that is done already is skipped.
set -euo pipefail
cd "$(dirname "$0")/.."

run=runs/chapter-fashion-mnist
scripts/setup.sh serve
if [ -f "$run/metrics.json" ]; then
  echo "LeNet is trained already; to train once more: .venv/bin/lenet train"
elif [ -f "$run/checkpoint/state.safetensors" ] || [ -f "$run/checkpoint/state.pt" ]; then
  echo "Going on with the run that was interrupted"
  .venv/bin/lenet train --resume "$run"
else
  echo "Training the chapter's LeNet on Fashion-MNIST"
  .venv/bin/lenet train --out "$run"
fi
echo "The report: $run/report.html"
echo "Draw on it: .venv/bin/lenet serve --open"
