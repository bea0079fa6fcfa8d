#!/usr/bin/env bash
# The selection function of a finder on real cutouts of CFHTLS: arcs painted on the field and on ordinary objects, at
# thresholds that 1 % and 5 % of the unpainted objects pass.
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
$arclet selection target "${FINDER:-cfhtls-display}" --survey cfhtls --paint "${COUNT:-2000}" --seed "${SEED:-1}" --faintest 23 \
  --where "id like 'field%' or id like 'ord%'" --thresholds fpr=0.01,fpr=0.05 --maps theta_e:arc_snr,theta_e:source_mag_r \
  --out selection
