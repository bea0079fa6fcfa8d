#!/usr/bin/env bash
# The selection function of a finder on real cutouts of CFHTLS: arcs painted on ordinary objects and on the field, at
# thresholds that 1 % and 5 % of the unpainted objects pass; in the middle, and off it.
#
#   bench/selection/run.sh DATA [OUT]     DATA as for bench/cfhtls/run.sh; OUT holds its target, which is imported if it is
#                                         missing; FINDER (cfhtls-adapted), COUNT of arcs (2000), SEED (1)
#
# cfhtls-adapted learned from arcs on galaxies of the field. So the ordinary objects are its fair hosts (new-hosts); on all of
# them (all-hosts) it looks better than it is. A finder of simulations alone (new-hosts-display) is beside it.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
arclet="node $here/../../bin/arclet.mjs"
data=$(cd "$1" && pwd)
out=${2:-runs/selection}
finder=${FINDER:-cfhtls-adapted}
mkdir -p "$out" && cd "$out"

source "$here/../cfhtls/target.sh"
new="id like 'ord%'"
all="id like 'field%' or $new"
painted() {
  $arclet selection target "$1" --survey cfhtls --seed "${SEED:-1}" --faintest 23 --where "$2" \
    --thresholds fpr=0.01,fpr=0.05 "${@:3}"
}
maps="--maps theta_e:arc_snr,theta_e:source_mag_r"
painted "$finder" "$new" --paint "${COUNT:-2000}" $maps --out new-hosts
painted cfhtls-display "$new" --paint "${COUNT:-2000}" $maps --out new-hosts-display
painted "$finder" "$all" --paint "${COUNT:-2000}" $maps --out all-hosts
painted cfhtls-display "$all" --paint "${COUNT:-2000}" $maps --out all-hosts-display
# Lenses as Collett's (2015) recipe has them, by the model that was fitted to the arcs.
[ -e published ] || $arclet simulate published --survey cfhtls --pixels display --bands i,r,g --size 48 --recipe published \
  --prevalence 1 --count 1000 --seed "${SEED:-1}"
$arclet selection new-hosts/injected new-hosts/scores.csv --thresholds fpr=0.01,fpr=0.05 --population published \
  --out as-published
# Off the middle by up to 1.5 arcsec, to see what that costs.
painted "$finder" "$all" --paint "$((${COUNT:-2000} / 2))" --off-centre 1.5 --model theta_e,arc_snr,offset --out off-centre
