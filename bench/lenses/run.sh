#!/usr/bin/env bash
# Adaptation from one simulated survey to another: makes both and runs a comparison. The same command resumes it.
#
#   bench/lenses/run.sh lenses|steady|longer|prior [OUT]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
arclet="node $here/../../bin/arclet.mjs"
spec=$1
out=${2:-runs/$spec}
case $spec in
lenses) source="--count 8000 --seed 11" target="--count 5000 --seed 12 --prevalence 0.25 --test-fraction 0.4" ;;
steady) source="--count 8000 --seed 21" target="--count 5000 --seed 22 --prevalence 0.25 --test-fraction 0.4" ;;
longer) source="--count 20000 --seed 11" target="--count 12000 --seed 12 --prevalence 0.25 --test-fraction 0.25" ;;
prior) source="--count 6000 --seed 11" target="--count 8000 --seed 14 --prevalence 0.05 --test-fraction 0.5" ;;
*) echo "run.sh: the first word must be lenses, steady, longer or prior, got $spec" >&2 && exit 2 ;;
esac
pixels="--pixel-scale 0.33 --size 32"
mkdir -p "$out" && cd "$out"
[ -e source ] || $arclet simulate source --survey kids $pixels $source
[ -e target ] || $arclet simulate target --survey panstarrs $pixels $target
$arclet compare "$here/$spec.yaml"
