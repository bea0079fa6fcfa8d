/** Pieces of a dataset: what was damaged between writing and joining is noticed, whatever it is. */
import { appendFileSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { appendPiece, writePiece } from "../../src/dataset/piece.ts";
import { writeDataset } from "../../src/dataset/writer.ts";
import { fluxImage, row, SPEC, scratch } from "../tiny/dataset.ts";

const folder = scratch();
const at = (...names: string[]) => join(folder, ...names);

async function piece(name: string): Promise<string> {
  mkdirSync(at(name));
  await writePiece(at(name), SPEC, async (writer) => {
    for (let i = 0; i < 4; i++) writer.append(fluxImage(i), [row(i)]);
  });
  return at(name);
}

const joined = (name: string) =>
  writeDataset(at(`${name}-joined`), SPEC, (writer) => appendPiece(writer, at(name), () => {}));

test("a whole piece is joined", async () => {
  await piece("whole");
  expect((await joined("whole")).count).toBe(4);
});

test.each<[string, (rows: string) => void]>([
  ["cut off after a row", (rows) => truncateSync(rows, readFileSync(rows).indexOf(10) + 1)],
  ["with a broken line", (rows) => writeFileSync(rows, readFileSync(rows, "utf8").replace("\n[", "\n{"))],
  ["with another id", (rows) => writeFileSync(rows, readFileSync(rows, "utf8").replace("toy-2", "toy-7"))],
  ["with a row twice", (rows) => appendFileSync(rows, `${readFileSync(rows, "utf8").split("\n")[0]}\n`)],
])("rows %s are refused, and not joined as fewer or others", async (how, damage) => {
  const path = await piece(how);
  damage(join(path, "rows.jsonl"));
  await expect(joined(how)).rejects.toThrow(
    /rows\.jsonl: is damaged: its rows are not those that were written; remove .*, and the same command makes it again/,
  );
});

test("a piece that does not say what its rows are is refused", async () => {
  const path = await piece("unsaid");
  truncateSync(join(path, "piece.json"));
  await expect(joined("unsaid")).rejects.toThrow(/piece\.json: not valid JSON/);
});
