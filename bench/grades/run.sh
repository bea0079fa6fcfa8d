#!/usr/bin/env bash
# What graded rows are worth, by their number and by how they are chosen: a finder meets a simulated survey that it never saw,
# of which some rows are graded by their truth. The same command resumes it.
#
#   bench/grades/run.sh [OUT]     SEEDS (0,1,2), CELLS (all), a list of METHOD:CHOICE:ROWS such as fine-tune:top:100
#
# SMALL=1: two cells with one seed, on small data, in about two minutes.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
arclet="node $here/../../bin/arclet.mjs"
out=${1:-runs/graded-rows}
[ -z "${SMALL:-}" ] || { SEEDS=0 CELLS=fine-tune:top:30,adamatch:top:30 pool=600 test=150; }
mkdir -p "$out" && cd "$out"

images="--bands i,r,g --size 48 --pixel-scale 0.187"
# As the demo's target, a survey of other seeing and depth whose galaxies differ a little from those that the finder learned.
target="--survey panstarrs $images --colour-shift 0.15 --source-size 0.7 --val-fraction 0"
[ -e source ] || $arclet simulate source --survey cfhtls $images --count 2400 --prevalence 0.5 --seed 1
[ -e test ] || $arclet simulate test $target --count "${test:-900}" --prevalence 0.333 --seed 2
for seed in $(tr , ' ' <<<"${SEEDS:-0,1,2}"); do
  [ -e "pool-$seed" ] || $arclet simulate "pool-$seed" $target --count "${pool:-4000}" --prevalence 0.02 --seed $((100 + seed))
done
exec node --import "$here/../../node_modules/tsx/dist/loader.mjs" "$here/graded-rows.ts" "${SEEDS:-0,1,2}" "${CELLS:-all}"
