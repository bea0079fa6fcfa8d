#!/usr/bin/env bash
# `arclet import` beside astropy: `bench/import/run.sh [--count 20000] [--rounds 2] [--folder /tmp/arclet-bench-import]`.
# Four minutes on a quiet machine of two cores, of which one makes the files, the first time. Needs a Python with astropy
# (Debian: apt-get install python3-astropy), named by PYTHON if it is not Debian's.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export PYTHON=${PYTHON:-/usr/bin/python3}
if ! "$PYTHON" -c 'import astropy' 2>/dev/null; then
  echo "bench: $PYTHON can't import astropy; run: apt-get install python3-astropy" >&2
  exit 2
fi
exec node --import tsx bench/import/compare.ts "$@"
