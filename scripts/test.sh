#!/usr/bin/env bash
# The linters, the type checker and the tests.
#   scripts/test.sh            what `make test` runs: the fast tests
#   scripts/test.sh --slow     the other tests: slow ones, the page in a browser, attacks
#   scripts/test.sh ARGUMENTS  the tests that pytest's ARGUMENTS choose, fast or slow
# As many tests run at once as there are cores, up to eight; `-n0` runs them one after the other.
set -euo pipefail
cd "$(dirname "$0")/.."

# Python keeps compiled modules: pytest reads its rewritten tests twice as fast the second time.
export PYTHONDONTWRITEBYTECODE=
run() {
  .venv/bin/pytest --quiet --numprocesses logical --maxprocesses 8 --dist worksteal "$@"
}
slow_folders=(tests/page tests/attacks)

if [ "${1:-}" = --slow ]; then
  scripts/setup.sh dev
  echo "pytest: the slow tests, the page in a browser, attacks"
  run -m slow tests "${slow_folders[@]/#/--ignore=}"
  run "${slow_folders[@]}"
  exit
fi
scripts/lint.sh
echo "pytest (the first run fetches Fashion-MNIST and MNIST, 45 MB)"
if [ $# = 0 ]; then
  run -m "not slow" tests "${slow_folders[@]/#/--ignore=}"
else
  run "$@"
fi
