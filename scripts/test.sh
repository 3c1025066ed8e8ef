#!/usr/bin/env bash
# All that must hold before a change lands. Arguments go to pytest, which runs as many tests at once
# as there are cores, up to eight; `scripts/test.sh -n0` runs them one after the other.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/lint.sh
scripts/web.sh check
echo "pytest: all tests (the first run fetches Fashion-MNIST and MNIST, 45 MB)"
.venv/bin/pytest --numprocesses logical --maxprocesses 8 --dist worksteal "$@"
