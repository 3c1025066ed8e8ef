#!/usr/bin/env bash
# What is checked without running the package: style, likely bugs, types, and the page's sources.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh dev
echo "ruff, pyright, tsc, vitest"
# The type checker keeps one core busy for half a minute; the page's checks use the other.
.venv/bin/pyright > .venv/pyright.log 2>&1 &
pyright=$!
.venv/bin/ruff check .
.venv/bin/ruff format --check .
scripts/web.sh check
if ! wait "$pyright"; then
  cat .venv/pyright.log
  exit 1
fi
