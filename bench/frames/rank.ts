/**
 * The rank of a field's brightest source (the deflector of its known lens) in tables of scores: among all sources, among
 * those of its field, and among those as bright as galaxies that lens.
 *
 *   npx tsx bench/frames/rank.ts ALL.csv LENS_FIELD.csv SCORES.csv…
 */
import { readCatalog } from "../../src/catalog/read.ts";

/** Sources of this i magnitude and brighter are what a search would look at. */
const BRIGHT = 21;

const [all, field, ...tables] = process.argv.slice(2) as [string, string, ...string[]];
const magnitudes = async (path: string) => {
  const { table } = await readCatalog(path);
  const mags = table.column("mag_i") as (number | null)[];
  return new Map(table.column("id").map((id, k) => [String(id), mags[k] ?? Infinity]));
};
const [found, inField] = [await magnitudes(all), await magnitudes(field)];
const lens = [...inField].reduce((a, b) => (b[1] < a[1] ? b : a))[0];
console.log(`lens ${lens}, i = ${inField.get(lens)}`);
for (const path of tables) {
  const { table } = await readCatalog(path);
  const scores = table.column("score") as number[];
  const rows = table.column("id").map((id, k) => ({ id: String(id), score: scores[k]! }));
  const of = (some: typeof rows) => `${some.findIndex(({ id }) => id === lens) + 1} of ${some.length}`;
  const own = rows.filter(({ id }) => inField.has(id));
  const bright = rows.filter(({ id }) => found.get(id)! <= BRIGHT);
  const above = rows.slice(0, 5).map(({ id, score }) => `${id} ${score.toFixed(3)} (i ${found.get(id)})`);
  const score = rows.find(({ id }) => id === lens)?.score;
  console.log(
    `${path}: rank ${of(rows)}, of its field ${of(own)}, of i <= ${BRIGHT} ${of(bright)}, score ${score?.toFixed(3)}; first ${above.join(", ")}`,
  );
}
