#!/usr/bin/env bash
# The campaign that breaks Arclet: `bash bench/robustness/run.sh --seed 1 --minutes 20`. The minutes are shared by its parts: kills,
# failing changes to the disk, limits, broken input, memory. The same call goes on from what is in build/robustness, and each entry
# there names the commit of its code; remove that to begin anew. FITS under sanitizers is
# `bash scripts/fuzz-native.sh SOURCES 20000`, the page `node --import tsx bench/robustness/page.ts DATE`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
seed=1
minutes=20
while [ $# -gt 0 ]; do
  case "$1" in
    --seed) seed=$2 ;;
    --minutes) minutes=$2 ;;
    *) echo "run.sh: --seed N --minutes N, not $1" >&2; exit 2 ;;
  esac
  shift 2
done
# One thread: those of a pool are not forked with the program, and a fork that waits for them hangs.
export OMP_NUM_THREADS=1 ARCLET_THREADS=1
status=0
part() { # NAME SHARE of the minutes
  echo "== $1"
  nice -n 10 node --import tsx "bench/robustness/$1.ts" --seed "$seed" --minutes "$(awk "BEGIN { print $minutes * $2 }")" || status=1
}
part kills 0.4
part faults 0.2
part limits 0.1
part broken 0.2
part memory 0.1
exit $status
