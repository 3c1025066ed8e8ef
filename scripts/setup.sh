#!/usr/bin/env bash
# Make .venv hold the package with the extra named by $1 (serve or dev). Does nothing if it does
# already: a stamp for each extra remembers the files that decide what is installed.
set -euo pipefail
cd "$(dirname "$0")/.."

extra=$1
python=${PYTHON:-python3}
stamp=.venv/installed-$extra
wanted=$(cat pyproject.toml constraints.txt CMakeLists.txt native/*.* native/*/* scripts/setup.sh \
  scripts/engine_sources.py | cksum)

if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
  exit 0
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  echo "lenet needs Python 3.11 or later; '$python' is $("$python" --version 2>&1)." >&2
  echo "Name another one: make PYTHON=/path/to/python3" >&2
  exit 2
fi
if [ ! -x .venv/bin/python ]; then
  echo "Making a virtual environment in .venv"
  "$python" -m venv .venv
fi
# A wheel in dist/ that scripts/wheels.sh made from the same sources holds the engine already.
engine=$(.venv/bin/python scripts/engine_sources.py build/prebuilt)
settings=()
if [ -n "$engine" ]; then
  echo "Installing lenet[$extra] into .venv, with the engine of a wheel in dist/"
  settings=(--config-settings "cmake.define.LENET_ENGINE_LIBRARY=$engine")
else
  echo "Installing lenet[$extra] into .venv and building its engine: half a minute"
fi
# Python compiles each module when it is first imported; most of what is installed never is.
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-compile \
  --constraint constraints.txt ${settings[@]+"${settings[@]}"} --editable ".[$extra]"
.venv/bin/python - <<'PY'
from lenet.engine import native
built = f"The native engine is there, for {', '.join(native.variants())}"
print(built if native.available() else f"Note: {native.missing()}")
PY
echo "$wanted" > "$stamp"
