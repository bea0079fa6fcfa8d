#!/usr/bin/env bash
# The experiment of the DeepLense project at its own number of images: 60,000 simulated source images with 20,000 lenses, and a
# target of 40,000 with 1 % lenses, of which a fifth is the sealed test. Its HSC images can't be had, so the target is another
# simulated survey, with other galaxies. The same command resumes it.
#
#   bench/deeplense/run.sh [OUT]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
arclet="node $here/../../bin/arclet.mjs"
out=${1:-runs/deeplense}
pixels="--pixel-scale 0.263 --size 48"
mkdir -p "$out" && cd "$out"
[ -e source ] || $arclet simulate source --survey hsc $pixels --count 60000 --prevalence 0.33333 --val-fraction 0.1 --seed 31
[ -e target ] || $arclet simulate target --survey des $pixels --count 40000 --prevalence 0.01 --test-fraction 0.2 \
  --colour-shift 0.15 --source-size 0.7 --seed 32
$arclet compare "$here/deeplense.yaml"
