#!/usr/bin/env bash
# From frames to a ranked catalogue on real sky: find every source of two CFHTLS fields (one of which holds a known lens), cut
# all of them out, score them by the finder that comes along and by networks trained here, and tell the lens's rank. SEEDS='':
# by the finder alone.
#
#   bench/frames/run.sh DATA [OUT]     DATA holds CFHTLS-test_{g,r,i}.fits and CFHTLS_27_{g,r,i}_sci.fits
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
arclet="nice -n 10 node $here/../../bin/arclet.mjs"
data=$(cd "$1" && pwd)
out=${2:-runs/frames}
seeds=${SEEDS-0 1 2}
mkdir -p "$out" && cd "$out"

[ -z "$seeds" ] || [ -e source ] || $arclet simulate source --survey cfhtls --pixel-scale 0.186 --size 64 --count 8000 --pixels flux --seed 1

# --zero-point: one of the fields does not state it
$arclet detect "$data"/CFHTLS-test_{g,r,i}.fits --zero-point 30 --out field.csv
$arclet detect "$data"/CFHTLS_27_{g,r,i}_sci.fits --zero-point 30 --out lens.csv
(cat field.csv && tail -n +2 lens.csv) > found.csv
rm -rf cut
$arclet cutouts --frames "$data" --catalog found.csv --bands g,r,i --size 64 --pixel-scale 0.186 --survey cfhtls \
  --max-missing 0.5 --out cut

# The finders that come along: for flux, and for the survey's composites, adapted to real ones.
$arclet score cut cfhtls --out scores-finder.csv
rm -rf shown
$arclet cutouts --frames "$data" --catalog found.csv --bands i,r,g --size 48 --pixel-scale 0.186 --survey cfhtls \
  --max-missing 0.5 --pixels display --out shown
$arclet score shown cfhtls-adapted --out scores-adapted.csv

runs=()
for seed in $seeds; do
  [ -e "source-only-$seed" ] || $arclet train source --preset paper --method source-only --encoder equivariant \
    --equivariant.fields 4,8,16,32 --head.dropout 0.2 --epochs 6 --lr 3e-3 --label-smoothing 0.05 --weight-decay 1e-2 \
    --seed $seed --out "source-only-$seed"
  $arclet score cut "source-only-$seed" --out "scores-$seed.csv"
  runs+=("source-only-$seed")
done
[ -z "$seeds" ] || $arclet score cut "${runs[@]}" --out scores-mean.csv

# the deflector of the known lens: the brightest source of its field
"$here/../../node_modules/.bin/tsx" "$here/rank.ts" found.csv lens.csv scores-*.csv
