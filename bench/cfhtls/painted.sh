#!/usr/bin/env bash
# What arcs painted on the survey's own galaxies are worth on real sky: a network trained on painted images, on simulated
# ones, and on both half and half, judged on the graded dev rows by both tests.
#
#   bench/cfhtls/painted.sh DATA [OUT]     DATA as for run.sh; OUT holds run.sh's target, which is imported if it is missing;
#                                          ENCODER (cnn), EPOCHS (8), STEPS of 64 images an epoch (30), SEED (1)
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
arclet="node $here/../../bin/arclet.mjs"
data=$(cd "$1" && pwd)
out=${2:-runs/cfhtls-painted}
mkdir -p "$out" && cd "$out"
seed=${SEED:-1}

source "$here/target.sh"
# Hosts are of the field alone: that the others are ordinary objects or candidates is what the sealed test asks.
[ -e painted ] || $arclet paint target --survey cfhtls --out painted --faintest 23 --count 400 --seed "$seed" \
  --where "id like 'field%'"
[ -e simulated ] || $arclet simulate simulated --survey cfhtls --count 2000 --size 48 --resampled 0.95 --seed "$seed"

settings="--method source-only --encoder ${ENCODER:-cnn} --batch 64 --epochs ${EPOCHS:-8} --steps-per-epoch ${STEPS:-30}
  --balance classes --seed $seed"
[ -e run-painted ] || $arclet train painted target $settings --out run-painted
[ -e run-simulated ] || $arclet train simulated target $settings --out run-simulated
[ -e run-half ] || $arclet train simulated target --also painted --parts 0.5,0.5 $settings --out run-half

mkdir -p scores
for name in painted simulated half; do
  [ -e scores/$name.csv ] || $arclet score target run-$name --positive lens --out scores/$name.csv
done
[ -e look-alikes ] || $arclet evaluate scores/*.csv --truth "$data/table.csv" --name look-alikes --out look-alikes \
  --positives "split = 'dev' and id like 'cand%' and grade >= 2" --negatives "split = 'dev' and id like 'cand%' and grade <= 0.7"
[ -e ordinary ] || $arclet evaluate scores/*.csv --truth "$data/table.csv" --name ordinary --out ordinary \
  --positives "split = 'dev' and id like 'cand%' and grade >= 1.3" --negatives "split = 'dev' and id like 'ord%'"
