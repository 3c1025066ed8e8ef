#!/usr/bin/env bash
# What is checked without running the code.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh dev
echo "ruff: style and likely bugs"
.venv/bin/ruff check .
.venv/bin/ruff format --check .
echo "pyright: types"
.venv/bin/pyright
