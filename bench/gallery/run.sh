#!/usr/bin/env bash
# The pictures of docs/gallery.md, from real runs on simulated CFHTLS cutouts by a finder that comes along: a few minutes.
#
#   bash bench/gallery/run.sh [OUT]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
arclet() { nice -n 10 node "$here/../../bin/arclet.mjs" "$@"; }
pictures=$here/../../docs/pictures
out=${1:-runs/gallery}
mkdir -p "$out" && cd "$out"

[ -e source ] || arclet simulate source --survey cfhtls --size 48 --count 300 --seed 1 --val-fraction 0.3
[ -e target ] || arclet simulate target --survey cfhtls --size 48 --count 300 --seed 2 --test-fraction 0.5 --resampled 0.7
arclet score target cfhtls-display --out scores.csv --report candidates.html
arclet explain target cfhtls-display --top 6 --method gradcam --out explain
arclet evaluate cfhtls-display --data target --out evaluate
arclet embed source target --runs cfhtls-display --most 200 --folds 2 --projection pca --out embed
arclet select scores.csv --top 30 --random 90 --seed 1 --out sample.csv

# The simulation's truth stands in for people's grades.
arclet export target/table.parquet --out truth.csv
node "$here/grades.mjs" sample.csv truth.csv grades.csv
arclet estimate scores.csv sample.csv grades.csv --positives 'grade >= 2' --out estimate
arclet realism source target --out realism --epochs 1 --folds 2
arclet export-model cfhtls-display --onnx finder.onnx
node "$here/pages.mjs" "$PWD" "$pictures"

cp explain/mosaic.png "$pictures/explain.png"
cp evaluate/figures/roc.svg "$pictures/roc.svg"
cp evaluate/figures/reliability.svg "$pictures/reliability.svg"
cp estimate/figures/purity-completeness.svg "$pictures/estimate.svg"
cp embed/figures/pca.svg "$pictures/embedding.svg"
cp realism/figures/sharpness-r.svg "$pictures/realism.svg"
