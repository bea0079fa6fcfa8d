#!/usr/bin/env bash
# How threads wait, on a quiet and on a busy machine: `bash bench/threads/run.sh [--rounds 3 --seconds 3 --busy 2]`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
exec node --import tsx bench/threads/compare.ts "$@"
