#!/usr/bin/env bash
# Evaluation at a survey's scale: `bench/evaluate/run.sh [rows] [share of lenses] [folder]`.
# Makes a score table and a table of truth (10,000,000 rows, one in a thousand a lens, two rows a place on the sky) as CSV and
# as Parquet, evaluates both, and prints time and memory as /usr/bin/time -v measures them. Run `npm run build` before.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
rows="${1:-10000000}"
share="${2:-0.001}"
folder="${3:-$(mktemp -d)}"
if [[ $# -lt 3 ]]; then trap 'rm -rf "$folder"' EXIT; fi
cd "$root"
node --import tsx bench/evaluate/make.ts "$folder" "$rows" "$share"
for kind in csv parquet; do
  echo "== $kind"
  /usr/bin/time -v node bin/arclet.mjs evaluate "$folder/scores.$kind" --truth "$folder/truth.$kind" \
    --positives 'lens = 1' --negatives 'lens = 0' --prevalence 0.0001,0.001,0.01 --threshold fpr=1e-4 \
    --out "$folder/evaluation-$kind" 2>"$folder/time-$kind"
  grep -E 'Elapsed|Maximum resident|User time|System time' "$folder/time-$kind"
done
