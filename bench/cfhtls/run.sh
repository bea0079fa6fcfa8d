#!/usr/bin/env bash
# The experiment on real sky behind docs/results/real-sky.md: simulate CFHTLS, import the real cutouts, adapt to those without grades
# with every method and encoder, judge on the graded ones, and score every real image. The same command resumes it.
#
#   bench/cfhtls/run.sh DATA [OUT]     DATA holds candidates.npy, ordinary.npy, field.npy and table.csv; JOBS at a time (2);
#                                      SPEC: another comparison than cfhtls.yaml beside this
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
arclet="node $here/../../bin/arclet.mjs"
data=$(cd "$1" && pwd)
out=${2:-runs/cfhtls}
jobs=${JOBS:-2}
mkdir -p "$out" && cd "$out"

source "$here/target.sh"
[ -e source ] || $arclet simulate source --survey cfhtls --count 12000 --resampled 0.95 --seed 1
$arclet compare "${SPEC:-$here/cfhtls.yaml}" --parallel "$jobs"

# Every real image by the mean of the seeds' chosen epochs; the second test, lenses against ordinary objects.
mkdir -p scores
for first in runs/*-0/model.safetensors; do
  name=$(basename "${first%-0/model.safetensors}")
  [ -e "scores/$name.csv" ] || echo "$name"
done | ARCLET_THREADS=1 xargs -P "$jobs" -I NAME sh -c \
  "$arclet score target runs/NAME-0 runs/NAME-1 runs/NAME-2 --positive lens --out scores/NAME.csv >scores/NAME.log"
[ -e ordinary ] || $arclet evaluate scores/*.csv --truth "$data/table.csv" --name ordinary --out ordinary \
  --positives "split = 'dev' and id like 'cand%' and grade >= 1.3" --negatives "split = 'dev' and id like 'ord%'"
