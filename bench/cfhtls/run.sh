#!/usr/bin/env bash
# The experiment on real sky behind docs/RESULTS.md: simulate CFHTLS, import the real cutouts without labels, train
# source-only and ADDA on three seeds, score every real image, and grade the rows whose grades are known.
#
#   bench/cfhtls/run.sh DATA [OUT]     DATA holds candidates.npy, ordinary.npy, field.npy and table.csv
set -euo pipefail
arclet="node $(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/bin/arclet.mjs"
data=$(cd "$1" && pwd)
out=${2:-runs/cfhtls}
mkdir -p "$out" && cd "$out"

[ -e source ] || $arclet simulate source --survey cfhtls --count 40000 --resampled 0.95 --seed 1
[ -e target ] || $arclet import "$data"/{candidates,ordinary,field}.npy --table "$data/table.csv" --bands i,r,g \
  --pixel-scale 0.1875 --survey cfhtls --size 48 --split-column none --fractions 0.9,0.1,0 --out target

for seed in 0 1 2; do
  [ -e "source-only-$seed" ] || $arclet train source target --method source-only --encoder equivariant \
    --equivariant.fields 4,8,16,32 --head.dropout 0.2 --epochs 6 --lr 3e-3 --label-smoothing 0.05 --weight-decay 1e-2 \
    --target-splits train,val --seed $seed --out "source-only-$seed"
  # adda: as the paper has it, at rates at which D learns in so few steps
  [ -e "adda-$seed" ] || $arclet train source target --method adda --from "source-only-$seed" \
    --adda.discriminator-lr 1e-3 --adda.lr 2e-5 --adda.epochs 4 --steps-per-epoch 60 \
    --target-splits train,val --seed $seed --out "adda-$seed"
  # adda-anchored: faster, held to its task by the source's labels, and told to expect lenses to be 15 % of the target
  [ -e "adda-anchored-$seed" ] || $arclet train source target --method adda --from "source-only-$seed" \
    --adda.discriminator-lr 1e-3 --adda.lr 1e-4 --adda.source-anchor 1 --prior 0.85,0.15 --adda.epochs 4 \
    --steps-per-epoch 60 --target-splits train,val --seed $seed --out "adda-anchored-$seed"
done
# chosen (model.safetensors) and last epoch (model-last.safetensors) of every run, and the mean of the three seeds
mkdir -p scores
for method in source-only adda adda-anchored; do
  for epoch in model model-last; do
    for seed in 0 1 2; do
      $arclet score target "$method-$seed/$epoch.safetensors" --out "scores/$method-$seed-$epoch.csv"
    done
    $arclet score target "$method-"{0,1,2}"/$epoch.safetensors" --out "scores/$method-mean-$epoch.csv"
  done
done
candidate="split = 'dev' and id like 'cand%'"
$arclet evaluate scores/*.csv --truth "$data/table.csv" --name look-alikes --out look-alikes \
  --positives "$candidate and grade >= 2" --negatives "$candidate and grade <= 0.7"
$arclet evaluate scores/*.csv --truth "$data/table.csv" --name ordinary --out ordinary \
  --positives "$candidate and grade >= 1.3" --negatives "split = 'dev' and id like 'ord%'"
