#!/usr/bin/env bash
# The whole search on a sky that is known: a simulated survey of 100,000 cutouts of which one in 500 is a lens, scored by the
# finder cfhtls-display; designed samples of 2,000, graded by simulated graders who err, 50 times; the completeness of 6,000
# injected lenses beside the survey's own. Figures are in docs/results/search-demonstration.md. The same command resumes it.
#
#   bench/search/run.sh [FOLDER] [FIRST]     FOLDER (runs/search); FIRST seed of the repeats (0)
#
# SMALL=1: 5,000 cutouts, 5 repeats, in runs/search-small. Run `npm run build` before. Time and memory of each step, as
# /usr/bin/time measures them, are in FOLDER/time.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
small=${SMALL:+-small}
out=${1:-runs/search${small:-}}
first=${2:-0}
if [[ -n ${SMALL:-} ]]; then count=5000 prevalence=0.02 injected=400 top=50 random=350 repeats=5
else count=100000 prevalence=0.002 injected=6000 top=500 random=1500 repeats=50; fi
sky="--survey cfhtls --size 48 --resampled 0.95 --val-fraction 0"
arclet="node bin/arclet.mjs"
mkdir -p "$out"

# What a step leaves, and its words; skipped if that is there.
step() {
  local made=$1
  shift
  [[ -e $made ]] || /usr/bin/time -a -o "$out/time" -f "%e s, %U s of CPU, %M kB: $*" "$@"
}
step "$out/survey" $arclet simulate "$out/survey" $sky --count $count --prevalence $prevalence --seed 2001
step "$out/injected" $arclet simulate "$out/injected" $sky --count $injected --prevalence 1 --seed 2002
for name in survey injected; do
  step "$out/$name.csv" $arclet score "$out/$name" cfhtls-display --out "$out/$name.csv"
done
step "$out/demonstration-$first.json" node --import tsx bench/search/demonstration.ts "$out" $top $random $repeats "$first"
cat > "$out/search.yaml" <<YAML
name: a simulated survey
scores: survey.csv
finders: [cfhtls-display]
dataset: survey
sample: repeats/$first/sample.csv
grades: repeats/$first/grades.csv
positives: grade >= 2
graderErrors: decoys
YAML
step "$out/report-$first" $arclet report "$out" --out "$out/report-$first"
