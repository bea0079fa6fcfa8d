#!/usr/bin/env bash
# The simulator beside lenstronomy: `bench/simulate/run.sh [--images 512] [--threads 2] [--seconds 2]`.
# Where `python3 -c "import lenstronomy"` works, its pipeline runs in the same minutes; else its recorded speed is shown.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
exec node --import tsx bench/simulate/compare.ts "$@"
