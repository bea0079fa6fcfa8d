#!/usr/bin/env bash
# The simulator beside lenstronomy: `bench/simulate/run.sh [--images 512] [--threads 2] [--seconds 2]`.
# If `python3 -c "import lenstronomy"` works, its pipeline is timed beside ours; else its recorded speed is shown.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
exec node --import tsx bench/simulate/compare.ts "$@"
