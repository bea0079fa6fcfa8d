#!/bin/bash
# Runs tests under LeakSanitizer and prints every leak that has a frame of the native doors.
#   scripts/leaks-native.sh [TESTS...]      by default the doors' own, of layers and of the doors' users
# Tests run in threads of one process, whose end is looked at, and so are the processes that they start. Node's own memory, which
# it leaves to the system when it ends, is not counted. Needs a build of Arclet, and gcc's liblsan.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
tests=("$@")
[ $# -gt 0 ] || tests=(test/torch test/nn test/sky test/dataset/npy.test.ts test/dataset/views)
sanitizer=$(gcc -print-file-name=liblsan.so)
[ -e "$sanitizer" ] || { echo "leaks-native: gcc has no liblsan.so (apt-get install gcc)" >&2; exit 2; }
logs=$root/build/leaks
rm -rf "$logs"
mkdir -p "$logs"
status=0
LD_PRELOAD=$sanitizer LSAN_OPTIONS="exitcode=0:log_path=$logs/log:malloc_context_size=30" \
  npx vitest run --pool=threads --maxWorkers=1 "${tests[@]}" > "$logs/tests" 2>&1 || status=1
tail -5 "$logs/tests"
# Reports are paragraphs: a leak is one that names a door.
node -e '
  const { readdirSync, readFileSync } = require("node:fs");
  const folder = process.argv[1];
  const logs = readdirSync(folder).filter((name) => name.startsWith("log."));
  const leaks = logs.flatMap((name) => readFileSync(`${folder}/${name}`, "utf8").split("\n\n"));
  const all = leaks.filter((text) => /leak of/.test(text));
  const ours = all.filter((text) => /build\/(torch|sky)\.node/.test(text));
  for (const text of new Set(ours)) console.log(`${text}\n`);
  console.log(`${logs.length} processes: ${ours.length} leaks of the doors, of ${all.length} in all`);
  process.exitCode = ours.length === 0 && logs.length > 0 ? 0 : 1;
' "$logs" || status=1
exit $status
