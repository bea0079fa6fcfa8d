#!/usr/bin/env bash
# Arclet's encoders beside plain PyTorch on this machine: `npm run bench:encoders [-- --rounds 3 --seconds 4]`.
# ARCLET_BENCH_PYTHON names a Python with torch; by default Debian's, whose libtorch is Arclet's own.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

python=${ARCLET_BENCH_PYTHON:-/usr/bin/python3}
if ! "$python" -c 'import torch' 2>/dev/null; then
  echo "bench: $python can't import torch; run: apt-get install python3-torch" >&2
  exit 2
fi
exec node --import tsx bench/encoders/compare.ts --python "$python" "$@"
