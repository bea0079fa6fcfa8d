/** Grades of a sample by the truth of its simulation: 3 for a lens, 0 for what is none. */
import { readFileSync, writeFileSync } from "node:fs";

const [sample, truth, out] = process.argv.slice(2);
const rows = (path) => readFileSync(path, "utf8").trimEnd().split("\n");
/** The column of a header, by name; cells before it have no commas. */
const column = (path, name) => rows(path)[0].split(",").indexOf(name);

const [id, label] = [column(truth, "id"), column(truth, "label")];
const labels = new Map(
  rows(truth)
    .slice(1)
    .map((row) => row.split(","))
    .map((cells) => [cells[id], cells[label]]),
);
const shown = column(sample, "id");
const grades = rows(sample)
  .slice(1)
  .map((row) => row.split(",")[shown])
  .map((one) => `${one},${labels.get(one) === "lens" ? 3 : 0}`);
writeFileSync(out, `id,grade\n${grades.join("\n")}\n`);
