#!/usr/bin/env bash
# Arclet's engine beside Python's torch on this machine: `npm run bench:engine [-- --rounds 9 --threads 2]`.
# ARCLET_BENCH_PYTHON names a Python with torch and numpy; by default Debian's, whose libtorch is Arclet's own.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

python=${ARCLET_BENCH_PYTHON:-/usr/bin/python3}
if ! "$python" -c 'import numpy, torch' 2>/dev/null; then
  echo "bench: $python can't import torch and numpy; run: apt-get install python3-torch python3-numpy" >&2
  exit 2
fi
exec node --import tsx bench/engine/compare.ts --python "$python" "$@"
