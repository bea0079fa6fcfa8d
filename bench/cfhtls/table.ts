/** The table of docs/RESULTS.md, from what run.sh measured: `node --import tsx bench/cfhtls/table.ts [OUT]`. */
import { basename, join } from "node:path";
import { type Cell, markdownTable, readMetrics } from "../../src/evaluate/index.ts";

const out = process.argv[2] ?? "runs/cfhtls";

/** Metrics of a test by score table. */
const of = (test: string) =>
  new Map(
    readMetrics(join(out, test, "metrics.json")).results.map((one) => [basename(one.method), one.metrics]),
  );

const [looks, ordinary] = [of("look-alikes"), of("ordinary")];
const METHODS = ["source-only", "adda", "adda-anchored"];
const SEEDS = ["0", "1", "2", "mean"];

const rows = METHODS.flatMap((method) =>
  SEEDS.flatMap((seed) =>
    ["model", "model-last"].map((epoch): Cell[] => {
      const file = `${method}-${seed}-${epoch}.csv`;
      const cells = [looks, ordinary].flatMap((test): Cell[] => {
        const { auroc, tpr0, tpr10 } = test.get(file)!;
        return [auroc, tpr0.value, tpr10.value];
      });
      return [method, seed === "mean" ? "mean of 3" : seed, epoch === "model" ? "chosen" : "last", ...cells];
    }),
  ),
);
const columns = [
  "finder",
  "seed",
  "epoch",
  "look-alikes: AUROC",
  "TPR_0",
  "TPR_10",
  "ordinary: AUROC",
  "TPR_0",
  "TPR_10",
];
console.log(markdownTable({ columns, rows }));

/** Mean and deviation over the seeds, of chosen epochs. */
for (const method of METHODS) {
  const over = [looks, ordinary].map((test) => {
    const values = ["0", "1", "2"].map((seed) => test.get(`${method}-${seed}-model.csv`)!.auroc.value!);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const sd = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
    return `${mean.toFixed(3)} ± ${sd.toFixed(3)}`;
  });
  console.log(`${method}: look-alikes ${over[0]}, ordinary ${over[1]}`);
}
