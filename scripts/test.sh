#!/usr/bin/env bash
# The linters, the type checker and the tests.
#   scripts/test.sh            what `make test` runs: the fast tests
#   scripts/test.sh --all      every test: also those marked slow, the page in a browser, attacks
#   scripts/test.sh ARGUMENTS  only the tests that pytest's ARGUMENTS choose, slow ones too
# As many tests run at once as there are cores, up to eight; `-n0` runs them one after the other.
set -euo pipefail
cd "$(dirname "$0")/.."

# Python keeps compiled modules: pytest reads its rewritten tests twice as fast the second time.
export PYTHONDONTWRITEBYTECODE=
choice=()
case ${1:-} in
  "") choice=(-m "not slow" --ignore tests/page --ignore tests/attacks) ;;
  --all) shift ;;
esac
scripts/lint.sh
echo "pytest (the first run fetches Fashion-MNIST and MNIST, 45 MB)"
.venv/bin/pytest --quiet --numprocesses logical --maxprocesses 8 --dist worksteal "${choice[@]}" "$@"
