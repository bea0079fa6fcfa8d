#!/usr/bin/env bash
# The selection function of a finder on real cutouts of CFHTLS: arcs painted on the field and on ordinary objects, at
# thresholds that 1 % and 5 % of the unpainted objects pass; in the middle, and off it.
#
#   bench/selection/run.sh DATA [OUT]     DATA as for bench/cfhtls/run.sh; OUT holds its target, which is imported if it is
#                                         missing; FINDER (cfhtls-display), COUNT of arcs (2000), SEED (1)
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
arclet="node $here/../../bin/arclet.mjs"
data=$(cd "$1" && pwd)
out=${2:-runs/selection}
mkdir -p "$out" && cd "$out"

source "$here/../cfhtls/target.sh"
painted() {
  $arclet selection target "${FINDER:-cfhtls-display}" --survey cfhtls --seed "${SEED:-1}" --faintest 23 \
    --where "id like 'field%' or id like 'ord%'" --thresholds fpr=0.01,fpr=0.05 "$@"
}
painted --paint "${COUNT:-2000}" --maps theta_e:arc_snr,theta_e:source_mag_r --out selection
# Lenses as Collett's (2015) recipe has them, by the model that was fitted to the arcs.
[ -e published ] || $arclet simulate published --survey cfhtls --pixels display --bands i,r,g --size 48 --recipe published \
  --prevalence 1 --count 1000 --seed "${SEED:-1}"
$arclet selection selection/injected selection/scores.csv --thresholds fpr=0.01,fpr=0.05 --population published \
  --out as-published
# Off the middle by up to 1.5 arcsec, to see what that costs.
painted --paint "$((${COUNT:-2000} / 2))" --off-centre 1.5 --model theta_e,arc_snr,offset --out off-centre
