#!/usr/bin/env bash
# A cascade beside its finder and PyTorch: `bash bench/cascade/run.sh FOLDER [--thresholds 0.5,0.9 --epochs 8 --rounds 3]`.
# What is in FOLDER is taken, so that the same command resumes: images, the finder's scores, cascades. With a cascade there it
# takes about four minutes. Begin on a quiet machine: figures are of wall time.
# ARCLET_BENCH_PYTHON names a Python with torch; by default Debian's, whose libtorch is Arclet's own.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

python=${ARCLET_BENCH_PYTHON:-/usr/bin/python3}
if ! "$python" -c 'import torch' 2>/dev/null; then
  echo "bench: $python can't import torch; run: apt-get install python3-torch" >&2
  exit 2
fi
exec node --import tsx bench/cascade/compare.ts --python "$python" "$@"
