#!/usr/bin/env bash
# All that must hold before a change lands. Arguments go to pytest.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/lint.sh
scripts/web.sh check
echo "pytest: all tests (the first run fetches Fashion-MNIST and MNIST, 45 MB)"
.venv/bin/pytest "$@"
