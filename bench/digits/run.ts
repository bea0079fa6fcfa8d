/**
 * The standard check of domain adaptation: digits of one hand-writing, classified by what was learned from another.
 *
 *   npm run bench:digits -- --data FOLDER                      mnist and usps, both ways
 *   npm run bench:digits -- --source a_images.npy,a_labels.npy --target b_images.npy,b_labels.npy
 *                           [--test c_images.npy,c_labels.npy]
 *
 * FOLDER holds {mnist,usps}_{train,test}_{images,labels}.npy. Runs that are done are not run again.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { ArcletError } from "../../src/foundation/errors.ts";
import { markdownTable } from "../../src/pictures/table.ts";
import { over, readResult, runJobs } from "../jobs.ts";
import { type DigitSet, type Files, writeDigits } from "./domain.ts";
import type { DigitJob, Result } from "./one.ts";
import { METHODS } from "./settings.ts";

const { values: args } = parseArgs({
  options: {
    data: { type: "string" },
    pairs: { type: "string", default: "mnist:usps,usps:mnist" },
    source: { type: "string" },
    target: { type: "string" },
    test: { type: "string" },
    methods: { type: "string", default: Object.keys(METHODS).join(",") },
    seeds: { type: "string", default: "0,1,2" },
    jobs: { type: "string", default: "1" },
    out: { type: "string", default: "runs/digits" },
  },
});

const files = (text: string): Files => {
  const [images, labels] = text.split(",");
  if (!images || !labels)
    throw new ArcletError({
      where: "bench/digits",
      code: "argument",
      problem: `must be images.npy,labels.npy, got ${text}`,
    });
  return { images, labels };
};

function setsOf(): { sets: DigitSet[]; pairs: [string, string][] } {
  const { data, source, target, test } = args;
  if (source !== undefined && target !== undefined)
    return {
      sets: [
        { name: "source", train: files(source), test: null },
        { name: "target", train: files(target), test: test === undefined ? null : files(test) },
      ],
      pairs: [["source", "target"]],
    };
  if (data === undefined)
    throw new ArcletError({
      where: "bench/digits",
      code: "missing",
      problem: "needs --data, or --source and --target",
    });
  const part = (name: string, split: string): Files => ({
    images: join(data, `${name}_${split}_images.npy`),
    labels: join(data, `${name}_${split}_labels.npy`),
  });
  const pairs = args.pairs.split(",").map((pair) => pair.split(":") as [string, string]);
  const names = [...new Set(pairs.flat())];
  return {
    sets: names.map((name) => ({ name, train: part(name, "train"), test: part(name, "test") })),
    pairs,
  };
}

const { sets, pairs } = setsOf();
mkdirSync(args.out, { recursive: true });
for (const set of sets) await writeDigits(join(args.out, set.name), set, 1);

const rows = args.methods.split(",");
const unknown = rows.find((row) => !(row in METHODS));
if (unknown !== undefined)
  throw new ArcletError({
    where: "bench/digits",
    code: "argument",
    problem: `--methods: ${unknown} is none of ${Object.keys(METHODS).join(", ")}`,
  });
const seeds = args.seeds.split(",").map(Number);
const place = (row: string, source: string, target: string, seed: number) =>
  join(args.out, `${source}-${target}-${row.replace(/\W+/g, "-")}-${seed}`);
function startOf(row: string, source: string, target: string, seed: number) {
  const { from } = METHODS[row]!;
  return from === undefined ? {} : { after: place(from, source, target, seed) };
}
const jobs: DigitJob[] = seeds.flatMap((seed) =>
  rows.flatMap((row) =>
    pairs.map(([source, target]) => ({
      row,
      source: join(args.out, source),
      target: join(args.out, target),
      seed,
      out: place(row, source, target, seed),
      ...startOf(row, source, target, seed),
    })),
  ),
);
await runJobs(fileURLToPath(new URL("one.ts", import.meta.url)), jobs, Number(args.jobs));

const columns = ["method", ...pairs.flatMap(([a, b]) => [`${a} → ${b}: chosen`, "last"]), "seconds a run"];
const table = rows.map((row) => {
  const own = (pair: [string, string]) =>
    jobs
      .filter((job) => job.row === row && job.source.endsWith(pair[0]) && job.target.endsWith(pair[1]))
      .map((job) => readResult<Result>(job)!);
  const all = pairs.flatMap(own);
  const seconds = all.reduce((sum, one) => sum + one.seconds, 0) / all.length;
  const cells = pairs.flatMap((pair) => {
    const results = own(pair);
    return [
      over(
        results.map(({ chosen }) => chosen),
        1,
      ),
      over(
        results.map(({ last }) => last),
        1,
      ),
    ];
  });
  return [row, ...cells, seconds.toFixed(0)];
});
console.log(markdownTable({ columns, rows: table }));
