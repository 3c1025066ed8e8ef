#!/usr/bin/env bash
# Build the engine with the address and undefined-behaviour sanitizers and run its tests under them.
#   scripts/sanitize.sh [options of pytest]
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh dev
if ! .venv/bin/python -c 'import sys; from lenet.engine import native; sys.exit(not native.available())'
then
  echo "The engine was not built here, so there is nothing to sanitize"
  exit
fi
build=build/sanitize
.venv/bin/cmake -S . -B "$build" -DLENET_SANITIZE=ON -DCMAKE_BUILD_TYPE=None > /dev/null
.venv/bin/cmake --build "$build" --parallel "$(nproc)"

# A plugin puts this build before the installed one. Python itself is not built with the sanitizers,
# so their runtimes are loaded first, and leaks of Python are not reported.
plugin=$(mktemp -d)
trap 'rm -rf "$plugin"' EXIT
cat > "$plugin/sanitized_engine.py" <<PY
import lenet.engine
lenet.engine.__path__.insert(0, "$PWD/$build")
PY
compiler=${CXX:-g++}
LD_PRELOAD="$("$compiler" -print-file-name=libasan.so) $("$compiler" -print-file-name=libubsan.so)" \
ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1 \
PYTHONPATH="$plugin" \
  .venv/bin/pytest --numprocesses logical --maxprocesses 8 -p sanitized_engine -p no:cacheprovider tests/engine/test_native.py \
  tests/engine/test_native_loss.py tests/engine/test_warp.py \
  tests/engine/test_sequence.py "$@"
