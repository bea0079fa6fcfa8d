#!/bin/bash
# Runs tests under LeakSanitizer, and says what the native doors and their libraries lost.
#   scripts/leaks-native.sh [TESTS...]      by default those of the doors, test/torch and test/sky
# Tests run in threads of one process, whose end is looked at, and so are the processes that they start. Memory that Node and
# Python leave to the system when they end is not counted. Tests that measure memory may fail under LeakSanitizer. Needs a build
# of Arclet, and gcc's liblsan.
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- test/torch test/sky
sanitizer=$(gcc -print-file-name=liblsan.so)
[ -e "$sanitizer" ] || { echo "leaks-native: gcc has no liblsan.so; run: apt-get install gcc" >&2; exit 2; }
logs=$PWD/build/leaks
rm -rf "$logs"
mkdir -p "$logs"
LD_PRELOAD=$sanitizer LSAN_OPTIONS="exitcode=0:log_path=$logs/log:malloc_context_size=30" \
  npx vitest run --project shared --pool=threads --maxWorkers=1 "$@" > "$logs/tests" 2>&1 || true
grep -aE "(Test Files|Tests) " "$logs/tests" || { tail -5 "$logs/tests"; echo "leaks-native: no test was run" >&2; exit 1; }
exec node scripts/leaks-native.mjs "$logs"
