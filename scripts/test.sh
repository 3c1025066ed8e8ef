#!/usr/bin/env bash
# The linters, the type checker and the tests.
#   scripts/test.sh            what `make test` runs: the fast tests
#   scripts/test.sh --slow     the other tests: slow ones, the page in a browser, attacks,
#                              and the engine under sanitizers
#   scripts/test.sh ARGUMENTS  the tests that pytest's ARGUMENTS choose, fast or slow
# As many tests run at once as there are cores, up to eight, and one more of the slow ones, which
# often wait for a browser; `-n0` runs them one after the other.
set -euo pipefail
cd "$(dirname "$0")/.."

# Python keeps compiled modules: pytest reads its rewritten tests twice as fast the second time.
export PYTHONDONTWRITEBYTECODE=
run() {
  .venv/bin/pytest --quiet --numprocesses logical --maxprocesses 8 --dist worksteal "$@"
}

if [ "${1:-}" = --slow ]; then
  scripts/setup.sh dev
  echo "pytest: the slow tests, the page in a browser, attacks; the engine under sanitizers"
  # The sanitized engine is built and tested while the slow tests wait for browsers.
  scripts/sanitize.sh -q > .venv/sanitize.log 2>&1 &
  sanitize=$!
  run -m slow tests --numprocesses $(($(nproc) < 8 ? $(nproc) + 1 : 8))
  if ! wait "$sanitize"; then
    cat .venv/sanitize.log
    exit 1
  fi
  tail -n 1 .venv/sanitize.log
  exit
fi
scripts/lint.sh
echo "pytest (the first run fetches Fashion-MNIST and MNIST, 45 MB)"
if [ $# = 0 ]; then
  run -m "not slow" tests --ignore=tests/page --ignore=tests/attacks
else
  run "$@"
fi
