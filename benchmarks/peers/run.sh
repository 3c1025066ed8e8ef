#!/usr/bin/env bash
# benchmarks/peers/run.sh [FOLDER [RUNS [EPOCHS [THREADS]]]]
# Make the peers' environments in FOLDER where they are missing, run each peer RUNS times in turn,
# and lenet itself between them, and write what they print to benchmarks/results/peers.json (or to
# $RESULTS). $PEERS names the ones to run; by default all.
set -euo pipefail
data=$(realpath "${FASHION_MNIST:-${XDG_CACHE_HOME:-$HOME/.cache}/lenet/fashion-mnist}")
cache=$(realpath "${1:-${TMPDIR:-/tmp}/lenet-peers}")
runs=${2:-5}
options=(--epochs "${3:-3}" --threads "${4:-2}")
mkdir -p "$cache"
cd "$(dirname "$0")"
own=../../.venv/bin/python
results=${RESULTS:-../results/peers.json}
peers=${PEERS:-lenet chapter torch compile keras jax}

for name in chapter keras jax; do
  [[ " $peers " == *" $name "* ]] || continue
  [ -f "$cache/$name/installed" ] && cmp -s "$name.txt" "$cache/$name/installed" && continue
  echo "Making the environment of $name"
  "$own" -m venv --clear "$cache/$name"
  "$cache/$name/bin/pip" install --quiet --disable-pip-version-check -r "$name.txt"
  cp "$name.txt" "$cache/$name/installed"
done

lines=$(mktemp)
trap 'rm -f "$lines" "$results.part"' EXIT
peer() {
  echo "$run/$runs: ${*:2}"
  "$1" "${@:2}" "$data" "${options[@]}" 2>"$cache/stderr" | tail -n 1 >>"$lines" ||
    { cat "$cache/stderr" >&2; exit 1; }
}
for run in $(seq "$runs"); do
  for name in $peers; do
    case $name in
      lenet) peer "$own" lenet_train.py ;;
      chapter) peer "$cache/chapter/bin/python" chapter.py ;;
      torch) peer "$own" torch_in_memory.py ;;
      compile) peer "$own" torch_in_memory.py --compile ;;
      keras) peer "$cache/keras/bin/python" keras_lenet.py ;;
      jax) peer "$cache/jax/bin/python" jax_lenet.py ;;
      *) echo "there is no peer '$name'" >&2; exit 2 ;;
    esac
  done
done
{ echo '['; sed '$!s/$/,/' "$lines"; echo ']'; } >"$results.part"
mv "$results.part" "$results"
