/**
 * Does it help to tell a method how rare lenses are? Half of the source's images are lenses, one in twenty of the target's.
 *
 *   npm run bench:prior -- [--prevalence 0.05] [--seeds 0,1,2] [--methods a,b] [--out DIR]
 *
 * Each method runs without a prior, with the true one, and with one estimated by EM and by BBSE from the source-only model.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { auroc, averagePrecision, markdownTable, rankScores } from "../../src/evaluate/index.ts";
import { over, readResult, runJobs } from "../jobs.ts";
import type { LensJob, LensResult } from "./one.ts";
import { METHODS, SOURCE } from "./settings.ts";

const { values: args } = parseArgs({
  options: {
    source: { type: "string", default: "kids" },
    target: { type: "string", default: "panstarrs" },
    prevalence: { type: "string", default: "0.05" },
    seeds: { type: "string", default: "0,1,2" },
    methods: { type: "string", default: "adda,self-ensembling,adamatch,dann,coral,mcc" },
    out: { type: "string", default: "runs/prior" },
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
    ...["simulate", at("target"), "--survey", args.target, ...pixels, "--count", "8000", "--seed", "2"],
    ...["--prevalence", args.prevalence, "--test-fraction", "0.5"],
  );

const share = Number(args.prevalence);
const PRIORS: Record<string, Record<string, unknown>> = {
  none: {},
  true: { prior: [1 - share, share] },
  em: { priorFrom: "em" },
  bbse: { priorFrom: "bbse" },
};
const methods = args.methods.split(",");
const jobs: LensJob[] = args.seeds.split(",").flatMap((seed) => {
  const shared = { encoder: "cnn", seed: Number(seed), source: at("source"), target: at("target") };
  const first = at(`source-only-${seed}`);
  const values = { ...SOURCE, epochs: 6, lr: 3e-3, cnn: { widths: [16, 32, 64, 128] }, validateOn: 800 };
  return [
    { ...shared, row: "source-only", method: "source-only", from: null, values, out: first },
    ...methods.flatMap((row) =>
      Object.entries(PRIORS).map(([kind, prior]) => {
        const { method, values: own } = METHODS[row]!;
        const out = at(`${row}-${kind}-${seed}`);
        return {
          ...shared,
          from: first,
          values: { ...own, ...prior },
          row: `${row} ${kind}`,
          method,
          out,
          after: first,
        };
      }),
    ),
  ];
});
await runJobs(fileURLToPath(new URL("one.ts", import.meta.url)), jobs, 1);

const results = jobs.map((job) => readResult<LensResult>(job)!);
const cell = (row: string): string => {
  const ranked = results
    .filter((one) => one.row === row)
    .map(({ chosen, lenses }) => rankScores(Float64Array.from(chosen), Uint8Array.from(lenses)));
  return `${over(ranked.map(auroc), 3)}; ${over(ranked.map(averagePrecision), 3)}`;
};
console.log(
  markdownTable({
    columns: ["method: AUROC; average precision", ...Object.keys(PRIORS)],
    rows: [
      ["source-only", cell("source-only")],
      ...methods.map((row) => [row, ...Object.keys(PRIORS).map((kind) => cell(`${row} ${kind}`))]),
    ].map((row) => [...row, ...Array(1 + Object.keys(PRIORS).length - row.length).fill("")]),
  }),
);
