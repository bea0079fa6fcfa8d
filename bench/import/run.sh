#!/usr/bin/env bash
# `arclet import` beside astropy: `bench/import/run.sh [--count 20000] [--rounds 3] [--folder /tmp/arclet-bench-import]`.
# Needs a Python with astropy (Debian: apt-get install python3-astropy), named by PYTHON if it is not python3.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
exec node --import tsx bench/import/compare.ts "$@"
