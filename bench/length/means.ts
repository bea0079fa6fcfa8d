/** The mean of the seeds' probabilities, for each encoder, length and method: scores/NAME-SEED.csv to means/NAME.csv. */
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { readCatalog } from "../../src/catalog/read.ts";
import { writeFileWhole } from "../../src/foundation/files.ts";

/** equivariant-100000-0-adamatch.csv: encoder and images, seed, and the method after the source. */
const NAME = /^(.+)-(\d+)((?:-adamatch)?)\.csv$/;

const seeds = new Map<string, string[]>();
for (const file of readdirSync("scores").sort()) {
  const [, start, , end] = NAME.exec(file)!;
  const name = `${start}${end}`;
  seeds.set(name, [...(seeds.get(name) ?? []), file]);
}
mkdirSync("means", { recursive: true });
for (const [name, files] of seeds) {
  const sum = new Map<string, number>();
  for (const file of files) {
    const { table } = await readCatalog(join("scores", file));
    const [ids, scores] = [table.column("id"), table.column("score")];
    for (const [k, id] of ids.entries())
      sum.set(String(id), (sum.get(String(id)) ?? 0) + Number(scores[k]) / files.length);
  }
  const rows = [...sum].map(([id, score]) => `${id},${score.toFixed(6)}\n`);
  writeFileWhole(join("means", `${name}.csv`), `id,score\n${rows.join("")}`);
  console.log(`means/${name}.csv: ${files.length} seeds`);
}
