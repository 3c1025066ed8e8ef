#!/usr/bin/env bash
# Make the wheels of all platforms in dist/, on one Linux machine, and check them.
#   scripts/wheels.sh                           all, each built twice to compare the bytes
#   scripts/wheels.sh --once win_amd64 any      only these, built once
# Zig compiles for every platform; it comes from the package index like the other tools, into
# build/wheel-tools. The first build for a platform takes a minute, since Zig compiles its C++ library.
set -euo pipefail
cd "$(dirname "$0")/.."

tools=build/wheel-tools
wanted=$(cat scripts/wheels/requirements.txt scripts/wheels.sh | cksum)
if [ "$(cat "$tools/installed" 2> /dev/null)" != "$wanted" ]; then
  echo "Installing the tools that make wheels into $tools"
  "${PYTHON:-python3}" -m venv --clear "$tools"
  "$tools/bin/python" -m pip install --quiet --disable-pip-version-check \
    --requirement scripts/wheels/requirements.txt
  echo "$wanted" > "$tools/installed"
fi
exec "$tools/bin/python" scripts/wheels/make.py "$@"
