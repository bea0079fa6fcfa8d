/** Reads LeakSanitizer's reports (leaks-native.sh): which leaks have a frame of a native door, or of a library that only doors load. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const [folder] = process.argv.slice(2);
const OURS = /build\/(torch|sky)\.node/;
const LIBRARIES = ["libtorch", "libc10", "libcfitsio", "libwcs", "libsep"];

const logs = readdirSync(folder).filter((name) => name.startsWith("log."));
// A report's paragraphs are its leaks.
const leaks = logs
  .flatMap((name) => readFileSync(join(folder, name), "utf8").split("\n\n"))
  .filter((text) => /leak of \d+ byte/.test(text));
const bytes = (own) => own.reduce((sum, text) => sum + Number(/leak of (\d+)/.exec(text)[1]), 0);
const ours = leaks.filter((text) => OURS.test(text));
for (const text of ours) console.log(`${text}\n`);
console.log(`${logs.length} processes; the doors: ${ours.length} leaks, ${bytes(ours)} bytes`);
for (const library of LIBRARIES) {
  const own = leaks.filter((text) => !OURS.test(text) && text.includes(`/${library}`));
  console.log(`${library}: ${own.length} leaks, ${bytes(own)} bytes`);
}
process.exitCode = ours.length === 0 && logs.length > 0 ? 0 : 1;
