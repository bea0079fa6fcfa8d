/** Makes score tables and tables of truth of any size: `make.ts FOLDER ROWS SHARE`. */
import { join } from "node:path";
import { literal, withDuckDB } from "../../src/catalog/duck.ts";

const [folder = ".", rows = "10000000", share = "0.001"] = process.argv.slice(2);

/** Uniform in (0, 1), a function of the row and a key. */
const uniform = (key: number) => `((hash(i * 8 + ${key}) >> 11)::DOUBLE + 0.5) / 9007199254740992`;
const normal = `sqrt(-2 * ln(${uniform(1)})) * cos(2 * pi() * ${uniform(2)})`;
const lens = `(${uniform(3)} < ${Number(share)})`;

await withDuckDB(":memory:", folder, async (connection) => {
  await connection.run(
    `CREATE TABLE made AS SELECT printf('object-%09d', i) AS id, ${lens}::INTEGER AS lens, 'place-' || (i // 2) AS "group",
     1 / (1 + exp(4 - 3 * ${lens}::INTEGER - 1.5 * ${normal})) AS score, hash(i * 8 + 4) AS place
     FROM range(${Number(rows)}) t(i)`,
  );
  // Scores come best first, as \`arclet score\` writes them; the truth comes in another order.
  for (const [table, columns, order] of [
    ["scores", "id, score", "score DESC"],
    ["truth", 'id, lens, "group"', "place"],
  ])
    for (const [kind, options] of [
      ["csv", "HEADER"],
      ["parquet", "FORMAT parquet"],
    ])
      await connection.run(
        `COPY (SELECT ${columns} FROM made ORDER BY ${order}) TO ${literal(join(folder, `${table}.${kind}`))} (${options})`,
      );
});
