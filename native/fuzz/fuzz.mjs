/**
 * Breaks files by their number and reads them in a second process, which may be ended by a sanitizer or hang: what did is
 * kept, and the next number follows.
 *
 *   fuzz.mjs PLACE INPUTS FIRST            all of it; PLACE holds build/sky.node and dist/
 *   fuzz.mjs --child PLACE LAST FIRST      the second process
 *   fuzz.mjs --file PLACE FILE             reads one file as it is
 */
import { execFileSync, fork } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { broken, brokenPlane, randomOf } from "./breaking.mjs";
import { wholeFiles } from "./make-files.mjs";
import { readersOf } from "./reading.mjs";

/** How often it is looked whether an input ends, ms. */
const LOOK = 30_000;
/** Of the second process's own time, s: sanitizers are slow, and up to twenty inputs are begun between two words from it. */
const HANGS = 120;
/** Of the process's own time, s. */
const SLOW = 20;
const SHARE_OF_PLANES = 5;
/** Places of undefined behaviour that are Arclet's. */
const OURS = /native\/(sky|node)\//;

const words = process.argv.slice(2);
if (words[0] === "--child") await child(resolve(words[1]), Number(words[2]), Number(words[3]));
else if (words[0] === "--file") {
  const { readAll } = await readersOf(resolve(words[1]));
  console.log(await readAll(readFileSync(words[2]), words[2], randomOf(0)));
} else await parent(resolve(words[0]), Number(words[1]), Number(words[2]));

async function parent(place, inputs, first) {
  const sanitizer = execFileSync("gcc", ["-print-file-name=libasan.so"], { encoding: "utf8" }).trim();
  const found = join(place, "found");
  mkdirSync(found, { recursive: true });
  const total = { read: 0, refused: 0, ended: 0, slow: 0 };
  const undefinedAt = new Map();
  const last = first + inputs;
  for (let next = first; next < last; ) next = await watched(place, { last, next, sanitizer, found, total, undefinedAt });
  for (const [where, input] of undefinedAt) console.log(`undefined, first by input ${input}: ${where}`);
  const ours = [...undefinedAt.keys()].filter((where) => OURS.test(where)).length;
  console.log(
    `${inputs} inputs: ${total.read} read, ${total.refused} refused, ${total.slow} over ${SLOW} s, ${total.ended} ended the process (${found}); undefined behaviour in ${ours} places of Arclet's and ${undefinedAt.size - ours} of the libraries'`,
  );
  process.exitCode = total.ended + total.slow + ours === 0 ? 0 : 1;
}

/** Runs a second process until it ends. @returns the number to continue with */
function watched(place, { last, next, sanitizer, found, total, undefinedAt }) {
  const log = [];
  const started = fork(import.meta.filename, ["--child", place, `${last}`, `${next}`], {
    silent: true,
    env: {
      ...process.env,
      LD_PRELOAD: sanitizer,
      ASAN_OPTIONS: "detect_leaks=0:allocator_may_return_null=1:max_allocation_size_mb=4096:abort_on_error=0",
    },
  });
  let at = next;
  let heard = 0;
  // By its own time: on a busy machine nothing may happen for minutes.
  const timer = setInterval(() => {
    if (ownSeconds(started.pid) - heard > HANGS) started.kill("SIGKILL");
  }, LOOK);
  started.stderr.on("data", (text) => {
    log.push(text);
    for (const [, where] of text.toString().matchAll(/(\S+ runtime error: .*)/g)) {
      const known = where.replace(/\b(-?[\d.]+(e[+-]?\d+)?|0x[0-9a-f]+)\b(?=[^:]*$)/g, "N");
      if (!undefinedAt.has(known)) undefinedAt.set(known, at);
    }
  });
  started.stdout.on("data", (text) => process.stdout.write(text));
  started.on("message", ({ begun, counts }) => {
    if (begun !== undefined) at = begun;
    if (counts !== undefined) for (const name of Object.keys(counts)) total[name] += counts[name];
    heard = ownSeconds(started.pid);
  });
  return new Promise((done) => {
    started.on("close", (code, signal) => {
      clearInterval(timer);
      if (code === 0) return done(last);
      total.ended++;
      copyFileSync(join(place, "last.fits"), join(found, `${at}.fits`));
      writeFileSync(join(found, `${at}.log`), Buffer.concat(log));
      console.log(`input ${at}: ${signal ?? code}`, Buffer.concat(log).toString().split("\n").find((line) => /ERROR|Error|SUMMARY/.test(line)) ?? "");
      done(at + 1);
    });
  });
}

/** Processor time of a process so far, s. */
function ownSeconds(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return 0; // it has ended
  }
}

async function child(place, last, first) {
  const { readAll, detectAll } = await readersOf(place);
  const files = [...(await wholeFiles(place))];
  const path = join(place, "last.fits");
  let counts = { read: 0, refused: 0, slow: 0 };
  for (let number = first; number < last; number++) {
    process.send({ begun: number, counts });
    counts = { read: 0, refused: 0, slow: 0 };
    const random = randomOf(number);
    const before = process.cpuUsage();
    if (number % SHARE_OF_PLANES === 0) {
      const plane = brokenPlane(random);
      writeFileSync(path, JSON.stringify({ number, width: plane.width, height: plane.height }));
      counts[detectAll(plane, random)]++;
    } else {
      const bytes = broken(random.of(files)[1], random);
      writeFileSync(path, bytes);
      counts[await readAll(bytes, path, random)]++;
    }
    const { user, system } = process.cpuUsage(before);
    if ((user + system) / 1e6 > SLOW) {
      counts.slow++;
      console.log(`input ${number}: ${((user + system) / 1e6).toFixed(0)} s`);
    }
    if (number % 20 === 0) await new Promise(setImmediate); // so that messages leave
  }
  process.send({ counts }, () => process.exit(0));
}
