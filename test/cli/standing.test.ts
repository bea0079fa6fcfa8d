/** The standing program leaves what a process of its own leaves, command after command. */
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { scratch } from "../tiny/dataset.ts";
import { SMALL } from "../tiny/runs.ts";
import { commandLine, ownProcess, words } from "./arclet.ts";
import { type Ended, run } from "./standing.ts";

const folder = scratch();
const [here, alone] = ["here", "alone"].map((name) => {
  mkdirSync(join(folder, name));
  return join(folder, name);
}) as [string, string];
const { arclet, done, refused } = commandLine(here);

/** What says when and how fast, replaced. */
const timeless = (text: string) =>
  text
    // A bar off a terminal prints a line each few seconds.
    .replace(/^\w+ .*\d+\/\d+ \w+ \| .*\n/gm, "")
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z?/g, "TIME")
    .replace(/(\\?")(seconds|dataShare|time)\1: ?[\d.e+-]+/g, "$1$2$1:0")
    .replace(/[\d.e+-]+\/s/g, "RATE/s")
    .replace(/\b[\d.]+ (s|ms|images\/s)\b/g, "TIME");
const said = ({ status, stdout, stderr }: Ended) => [status, timeless(stdout), timeless(stderr)];

/** The hash of a file's bytes, without the times that it holds, and without its own hash of these. */
function hashOf(path: string): string {
  const bytes = readFileSync(path);
  const hash = createHash("sha256");
  if (/\.safetensors$/.test(path)) {
    // A header of JSON, filled up with spaces, before the tensors.
    const end = 8 + Number(bytes.readBigUInt64LE(0));
    const header = timeless(bytes.toString("utf8", 8, end))
      .replace(/"arclet_sha256":"\w*"/, "")
      .trimEnd();
    hash.update(header).update(bytes.subarray(end));
  } else if (/\.(jsonl?|html|svg|csv|md|yaml)$/.test(path)) hash.update(timeless(`${bytes}`));
  // Every record holds a time; curves.jsonl has the same numbers.
  else if (path.includes("tfevents")) hash.update(`${bytes.length} bytes`);
  else hash.update(bytes);
  return hash.digest("hex");
}

/** A folder's files by name. */
const filesIn = (path: string) =>
  Object.fromEntries(
    readdirSync(path, { recursive: true, encoding: "utf8" })
      .filter((name) => statSync(join(path, name)).isFile())
      .sort()
      .map((name) => [name, hashOf(join(path, name))]),
  );

// One after the other: refusals and settings of one must not reach the next.
const LINES = [
  "methods adda",
  "simulate source --survey hsc --pixel-scale 0.187 --count 48 --size 24 --unpack-bound 3",
  "simulate source --count 4",
  "simulate target --count 48 --size 24 --seed 1 --test-fraction 0.5",
  `train source --method source-only --epochs nine --out so`,
  `train source --method source-only ${SMALL} --out so`,
  `train source target --from so --adda.epochs 1 --out adda`,
  "score target adda --out scores.csv",
  "score target adda --out scores.csv --prior 0.5",
  "evaluate so adda --data target --out report",
  "explain target so --top 2 --method gradcam --out maps",
  "check source target",
  "export scores.csv --out scores.fits",
  "trian",
  "--version",
];

test("the same words, exit codes and files as by a process of its own", () => {
  for (const line of LINES) {
    // A model's file holds when it was made, and what is made of it holds its hash.
    rmSync(here, { recursive: true });
    cpSync(alone, here, { recursive: true });
    const own = ownProcess(words(line), alone);
    expect([line, ...said(arclet(line))]).toEqual([line, ...said(own)]);
    expect(filesIn(here), line).toEqual(filesIn(alone));
  }
});

test("one command's exit code, listeners and bound end with it", () => {
  writeFileSync(join(here, "table.csv"), "id,score\na,0.5\n");
  for (let k = 0; k < 12; k++) refused(/did you mean train/, "trian");
  refused(/--unpack-bound must be a number of 1 or more, got "no"/, "check source source --unpack-bound no");
  expect(done("export table.csv --out table.vot").stderr).toBe("");
});

test("what a plug-in brings ends with its command", () => {
  writeFileSync(
    join(here, "survey.mjs"),
    `import { definePlugin } from "arclet/plugins";
     export default definePlugin({ name: "garden", surveys: [{ name: "backyard", title: "A telescope", source: "Doe 2024",
       pixelScale: 0.5, zeroPoint: 25, moffatBeta: 3, bands: [{ name: "r", seeing: 2, skySigma: 0.5, skyBrightness: 20 }],
       display: { bands: ["r"], scales: [1], Q: 1, alpha: 0.5 } }] });`,
  );
  expect(done("surveys --plugin survey.mjs").stdout).toContain("backyard");
  expect(done("surveys").stdout).not.toContain("backyard");
});

test("a command that ends the program is an error, and the next one has another", () => {
  writeFileSync(join(here, "exit.mjs"), "console.log('going'); process.exit(3);");
  expect(() => run(["methods", "--plugin", "exit.mjs"], here)).toThrow(
    /methods --plugin exit\.mjs: took the standing program with it:\ngoing/,
  );
  done("methods");
});
