#!/usr/bin/env bash
# What the grades of the dev rows are worth on real sky: each method with grades, from a finder or run, cross-validated by
# group, judged by both tests. The same command resumes it.
#
#   bench/cfhtls/graded.sh DATA [OUT]     DATA as for run.sh; FROM (cfhtls-display), METHODS ("fine-tune adamatch"), SEEDS
#                                         (0,1,2,3,4), FLAGS of train
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
arclet="node $here/../../bin/arclet.mjs"
data=$(cd "$1" && pwd)
out=${2:-runs/cfhtls-graded}
mkdir -p "$out" && cd "$out"

source "$here/target.sh"
[ -e source ] || $arclet simulate source --survey cfhtls --count 12000 --size 48 --resampled 0.95 --seed 1
for method in ${METHODS:-fine-tune adamatch}; do
  "$here/../../node_modules/.bin/tsx" "$here/graded.ts" "$data/table.csv" "$method" "$method" \
    "${FROM:-cfhtls-display}" "${SEEDS:-0,1,2,3,4}" ${FLAGS:-}
done

$arclet evaluate graded-*.csv --truth "$data/table.csv" --name look-alikes --out look-alikes \
  --positives "split = 'dev' and id like 'cand%' and grade >= 2" --negatives "split = 'dev' and id like 'cand%' and grade <= 0.7"
$arclet evaluate graded-*.csv --truth "$data/table.csv" --name ordinary --out ordinary \
  --positives "split = 'dev' and id like 'cand%' and grade >= 1.3" --negatives "split = 'dev' and id like 'ord%'"
