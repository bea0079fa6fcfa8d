#!/usr/bin/env bash
# How long must a finder for real CFHTLS train? Each encoder learns the mixture of mixed.yaml (simulations, simulated ordinary
# objects, arcs painted on the survey's own galaxies) for different numbers of images, is adapted by AdaMatch, scores every
# real cutout, and is judged by both tests on the dev rows. The same command resumes it.
#
#   bench/length/run.sh DATA [OUT]     DATA as for bench/cfhtls/run.sh; JOBS at a time (1), and what plan.ts takes as PLAN:
#                                      PLAN="--lengths 30000,100000 --seeds 0"
#
# On a GPU about twelve jobs run side by side (docs/gpu.md); on two cores 10^6 images take the equivariant network an hour or more.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export arclet="node $here/../../bin/arclet.mjs"
tsx="node --import $here/../../node_modules/tsx/dist/loader.mjs"
data=$(cd "$1" && pwd)
out=${2:-runs/length}
mkdir -p "$out/scores" && cd "$out"

source "$here/../cfhtls/target.sh"
drawn="--survey cfhtls --size 48 --resampled 0.95"
[ -e source ] || $arclet simulate source $drawn --count 60000 --seed 1
[ -e others ] || $arclet simulate others $drawn --recipe "$here/../cfhtls/ordinary.yaml" --count 30000 --seed 2
# Hosts are of the field alone: that the others are ordinary objects or candidates is what the sealed test asks.
[ -e painted ] || $arclet paint target --survey cfhtls --out painted --faintest 23 --count 1200 --seed 1 --where "id like 'field%'"
$tsx "$here/plan.ts" ${PLAN:-} >plan.json
$tsx "$here/../run-commands.ts" plan.json state "${JOBS:-1}"
$tsx "$here/means.ts"
$arclet evaluate means/*.csv --truth "$data/table.csv" --name look-alikes --out look-alikes \
  --positives "split = 'dev' and id like 'cand%' and grade >= 2" --negatives "split = 'dev' and id like 'cand%' and grade <= 0.7"
$arclet evaluate means/*.csv --truth "$data/table.csv" --name ordinary --out ordinary \
  --positives "split = 'dev' and id like 'cand%' and grade >= 1.3" --negatives "split = 'dev' and id like 'ord%'"
