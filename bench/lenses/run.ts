/**
 * Adaptation on simulated surveys, the truth known: every method, four encoders, several seeds.
 *
 *   npm run bench:lenses -- [--source kids] [--target panstarrs] [--seeds 0,1,2] [--encoders a,b] [--methods a,b] [--workers 2] [--out DIR]
 *
 * Each method starts from the source-only run of its encoder and seed. Runs that are done are not run again. Prints a table
 * an encoder, then how well each validator tells good checkpoints from bad ones.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { markdownTable } from "../../src/evaluate/index.ts";
import { readResult, runJobs } from "../jobs.ts";
import type { LensJob, LensResult } from "./one.ts";
import { ENCODERS, METHODS, SOURCE } from "./settings.ts";
import { encoderRows, validatorRows } from "./table.ts";

const { values: args } = parseArgs({
  options: {
    source: { type: "string", default: "kids" },
    target: { type: "string", default: "panstarrs" },
    prevalence: { type: "string", default: "0.25" },
    seeds: { type: "string", default: "0,1,2" },
    encoders: { type: "string", default: Object.keys(ENCODERS).join(",") },
    methods: { type: "string", default: Object.keys(METHODS).join(",") },
    out: { type: "string", default: "runs/lenses" },
    workers: { type: "string", default: "2" },
  },
});

const program = fileURLToPath(new URL("../../bin/arclet.mjs", import.meta.url));
const arclet = (...words: string[]) =>
  execFileSync(process.execPath, [program, ...words], { stdio: "inherit" });
const at = (name: string) => join(args.out, name);
const pixels = ["--pixel-scale", "0.33", "--size", "32"];
mkdirSync(args.out, { recursive: true });
if (!existsSync(at("source")))
  arclet("simulate", at("source"), "--survey", args.source, ...pixels, "--count", "6000", "--seed", "1");
if (!existsSync(at("target")))
  arclet(
    ...["simulate", at("target"), "--survey", args.target, ...pixels, "--count", "3200", "--seed", "2"],
    ...["--prevalence", args.prevalence, "--test-fraction", "0.4"],
  );

const prior = [1 - Number(args.prevalence), Number(args.prevalence)];
const jobs: LensJob[] = args.seeds.split(",").flatMap((seed) =>
  args.encoders.split(",").flatMap((encoder) => {
    const place = (row: string) => at(`${encoder}-${row.replace(/\W+/g, "-")}-${seed}`);
    const shared = { encoder, seed: Number(seed), source: at("source"), target: at("target") };
    const fresh = { ...shared, from: null, values: { ...SOURCE, ...ENCODERS[encoder] } };
    const first = place("source-only");
    return [
      { ...fresh, row: "source-only", method: "source-only", out: first },
      { ...fresh, row: "target-only", method: "target-only", out: place("target-only") },
      ...args.methods.split(",").map((row) => {
        const { method, values } = METHODS[row]!;
        return {
          ...shared,
          from: first,
          values: { ...values, prior },
          row,
          method,
          out: place(row),
          after: first,
        };
      }),
    ];
  }),
);
await runJobs(fileURLToPath(new URL("one.ts", import.meta.url)), jobs, Number(args.workers));

const results = jobs.map((job) => readResult<LensResult>(job)!);
for (const encoder of args.encoders.split(",")) {
  console.log(`\n${encoder}\n`);
  console.log(markdownTable(encoderRows(results.filter((one) => one.encoder === encoder))));
}
console.log(`\n${markdownTable(validatorRows(results))}`);
