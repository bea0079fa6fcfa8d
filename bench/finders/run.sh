#!/usr/bin/env bash
# Makes the finders that come along (finders/) from nothing, by finders.yaml beside this. The same command resumes it.
#
#   bench/finders/run.sh [--survey hsc,cfhtls] [--images-seen 1e6] [--count 40000] [--test-count 5000] [--seed 1]
#                        [--scratch runs/finders] [--out finders] [--data CUTOUTS]
#
# --data: real cutouts, for finders that are adapted to some (shared/data/cfhtls: candidates.npy, ordinary.npy, field.npy, table.csv).
# SMALL=1: a try-out in two minutes, whose finder stays in the scratch folder.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
exec node --import tsx bench/finders/make.ts "$@"
