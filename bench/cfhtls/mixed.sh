#!/usr/bin/env bash
# The finder for real CFHTLS by mixed.yaml beside this, five seeds: makes its datasets, trains, adapts, scores every real image
# with the means of the seeds, and judges them by both tests. The same command resumes it.
#
#   bench/cfhtls/mixed.sh DATA [OUT]     DATA as for run.sh; JOBS at a time (2)
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
arclet="node $here/../../bin/arclet.mjs"
data=$(cd "$1" && pwd)
out=${2:-runs/cfhtls-mixed}
jobs=${JOBS:-2}
mkdir -p "$out" && cd "$out"

source "$here/target.sh"
drawn="--survey cfhtls --size 48 --resampled 0.95"
[ -e source ] || $arclet simulate source $drawn --count 40000 --seed 1
[ -e others ] || $arclet simulate others $drawn --recipe "$here/ordinary.yaml" --count 20000 --seed 2
# Hosts are of the field alone: that the others are ordinary objects or candidates is what the sealed test asks.
[ -e painted ] || $arclet paint target --survey cfhtls --out painted --faintest 23 --count 1200 --seed 1 --where "id like 'field%'"
ARCLET_THREADS=1 $arclet compare "$here/mixed.yaml" --parallel "$jobs"

mkdir -p scores
for method in source-only adamatch; do
  [ -e scores/$method.csv ] ||
    $arclet score target runs/resnet34d-$method-{0..4} --positive lens --out scores/$method.csv
done
[ -e look-alikes ] || $arclet evaluate scores/*.csv --truth "$data/table.csv" --name look-alikes --out look-alikes \
  --positives "split = 'dev' and id like 'cand%' and grade >= 2" --negatives "split = 'dev' and id like 'cand%' and grade <= 0.7"
[ -e ordinary ] || $arclet evaluate scores/*.csv --truth "$data/table.csv" --name ordinary --out ordinary \
  --positives "split = 'dev' and id like 'cand%' and grade >= 1.3" --negatives "split = 'dev' and id like 'ord%'"
