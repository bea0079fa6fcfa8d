/**
 * The second test on CFHTLS as docs/results/real-sky.md shows it, candidates against ordinary objects, a line a method:
 * `node --import tsx bench/cfhtls/ordinary.ts DATA OUT`, DATA and OUT those of run.sh. Gains are paired on the images
 * (DeLong); how seeds scatter is not in them, since each score is a mean of three seeds.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { holm } from "../../src/evaluate/comparison/holm.ts";
import { componentsOf, less, overSeeds } from "../../src/evaluate/comparison/over-seeds.ts";
import { readJudged } from "../../src/evaluate/judged.ts";
import { ArcletError } from "../../src/foundation/errors.ts";
import { readJson } from "../../src/foundation/files.ts";
import { type Cell, markdownTable } from "../../src/pictures/table.ts";
import { differenceText } from "../../src/reports/comparing/statistics-tables.ts";

const [data, out] = process.argv.slice(2);
if (data === undefined || out === undefined)
  throw new ArcletError({ where: "bench/cfhtls/ordinary", code: "missing", problem: "needs DATA and OUT" });

interface Found {
  method: string;
  metrics: Record<"auroc" | "tpr0" | "tpr10", { value: number; low: number; high: number }>;
}

const { results } = readJson(join(out, "ordinary", "metrics.json")) as { results: Found[] };
const truth = {
  path: join(data, "table.csv"),
  positives: "split = 'dev' and id like 'cand%' and grade >= 1.3",
  negatives: "split = 'dev' and id like 'ord%'",
};
const BASE = "source-only";
const names = readdirSync(join(out, "scores")).flatMap((file) => /^(.*)\.csv$/.exec(file)?.[1] ?? []);
const encoders = names.flatMap((name) => (name.endsWith(`-${BASE}`) ? name.slice(0, -BASE.length - 1) : []));

const componentsBy = new Map(
  await Promise.all(
    names.map(async (name) => {
      const { scores, positives } = await readJudged(join(out, "scores", `${name}.csv`), truth);
      return [name, { positives, components: componentsOf(scores, positives) }] as const;
    }),
  ),
);
const gains = encoders.flatMap((encoder) => {
  const base = componentsBy.get(`${encoder}-${BASE}`)!;
  return names
    .filter((name) => name.startsWith(`${encoder}-`) && name !== `${encoder}-${BASE}`)
    .map((name) => ({
      name,
      gain: overSeeds([less(componentsBy.get(name)!.components, base.components)], base.positives),
    }));
});
const adjusted = holm(gains.map(({ gain }) => gain.p));

for (const encoder of encoders) {
  const own = names.filter((name) => name.startsWith(`${encoder}-`));
  const rows = own.map((name): Cell[] => {
    const { auroc, tpr0, tpr10 } = results.find(({ method }) => method.endsWith(`/${name}.csv`))!.metrics;
    const k = gains.findIndex((one) => one.name === name);
    const interval = ({ value, low, high }: typeof auroc) =>
      `${value.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`;
    return [
      name.slice(encoder.length + 1),
      interval(auroc),
      k < 0 ? "" : differenceText(gains[k]!.gain, adjusted[k]!),
      interval(tpr0),
      tpr10.value.toFixed(3),
    ];
  });
  const columns = [encoder, "AUROC", "gain over source-only", "TPR_0", "TPR_10"];
  console.log(`${markdownTable({ columns, rows })}\n`);
}
