/**
 * Breaks inputs of some kinds by their number and reads each as Arclet's commands do:
 *
 *   reading.mjs KIND,… COUNT FIRST FOLDER [WORLD]
 *
 * Prints what came of each kind as a line of JSON; the number of the input that is being read is in FOLDER/number, for whoever
 * finds this process ended. Folders and requests (FOLDERS, http) are of WORLD, a folder of datasets and runs.
 */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { broken as brokenFits, randomOf } from "../../native/fuzz/breaking.mjs";
import { askedServer } from "./asking.mjs";
import { brokenBytes } from "./breaking-bytes.mjs";
import { FOLDERS, folderKind } from "./folders.mjs";
import { ENDS, READERS, Refused } from "./readers.mjs";
import { wholeFiles } from "./whole-files.mjs";

const [kinds, count, first, folder, world] = [
  process.argv[2].split(","),
  Number(process.argv[3]),
  Number(process.argv[4]),
  process.argv[5],
  process.argv[6],
];
const { ArcletError } = await import(
  join(import.meta.dirname, "..", "..", "dist", "foundation", "errors.js")
);
/** Of the process's own time, s. */
const SLOW = 20;
/** Faults to say; more are counted. */
const SAID = 20;

const say = console.log;
console.log = () => {};

let files;
const wholeOnes = () => {
  files ??= wholeFiles(folder);
  return files;
};

/** What is broken, and `read`: false or Refused where it is refused, else a digest or nothing. */
async function subject(kind) {
  if (kind === "http") {
    const { files, ask } = await askedServer(world, folder);
    return { wholes: files, read: (_, bytes) => ask(bytes) };
  }
  if (FOLDERS.includes(kind)) {
    const { files, read } = await folderKind(kind, world, folder);
    const wholes = files.map(({ bytes }) => bytes);
    return {
      wholes,
      async read(k, bytes) {
        writeFileSync(files[k].path, bytes);
        try {
          return await read();
        } finally {
          writeFileSync(files[k].path, wholes[k]);
        }
      },
    };
  }
  return {
    wholes: (await wholeOnes())[kind],
    async read(_, bytes, name) {
      // A file of its own: the HDF5 library knows one that it has met by its inode.
      const path = join(folder, `${kind}-${name}.${ENDS[kind] ?? kind}`);
      writeFileSync(path, bytes);
      try {
        return await READERS[kind](path, folder);
      } finally {
        rmSync(path, { force: true });
      }
    },
  };
}

/** What comes of so many inputs of a kind. */
async function reading(kind) {
  const { wholes, read } = await subject(kind);
  const said = { read: 0, refused: 0, slowest: 0, faulty: 0, faults: [] };
  const digests = [];
  for (const [k, whole] of wholes.entries()) digests.push(await tried(read, said, k, whole, `whole ${k}`));
  said.whole = said.read;
  const known = new Set(digests.filter((digest) => typeof digest === "string"));
  for (let number = first; number < first + count; number++) {
    writeFileSync(join(folder, "number"), String(number));
    const random = randomOf(number);
    const k = random.below(wholes.length);
    const asFits = kind.startsWith("fits") && random.below(2) === 0;
    const bytes = asFits ? brokenFits(wholes[k], random) : brokenBytes(wholes[k], random, wholes);
    const digest = await tried(read, said, k, bytes, number);
    if (typeof digest === "string" && !known.has(digest))
      fault(said, number, "is damaged, and was read as if it were not");
  }
  return { kind, ...said, files: wholes.length, megabytes: process.resourceUsage().maxRSS / 1024 };
}

function fault(said, number, what) {
  if (said.faulty++ < SAID) said.faults.push(`${number}: ${what}`);
}

/** @returns what was read: a digest, undefined where there is none, null if it was refused */
async function tried(read, said, k, bytes, number) {
  const before = process.cpuUsage();
  let digest = null;
  try {
    digest = await read(k, bytes, String(number).replace(" ", "-"));
    if (digest === false) digest = null;
    else said.read++;
    if (digest === null) said.refused++;
  } catch (error) {
    const sentence = error instanceof ArcletError ? error.message : "";
    if (!(error instanceof Refused) && (sentence === "" || /\n|bug in arclet|^\s+at /.test(sentence)))
      fault(said, number, error?.stack ?? error);
    else said.refused++;
  }
  const { user, system } = process.cpuUsage(before);
  const seconds = (user + system) / 1e6;
  said.slowest = Math.max(said.slowest, seconds);
  if (seconds > SLOW) fault(said, number, `took ${seconds.toFixed(0)} s`);
  return digest;
}

for (const kind of kinds) say(JSON.stringify(await reading(kind)));
process.exit(0);
