/** A small survey to search: flux images, two finders' scores, positions, and ids that would like to be something else. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeDataset } from "../../src/dataset/writer.ts";
import { type Objects, openObjects } from "../../src/inspect/objects.ts";
import { fluxImage, row, SPEC } from "./dataset.ts";

/** The second would be a picture that runs a program, the third a path. */
export const IDS = ["toy-0", "<img src=x onerror=alert(1)>", "../../etc/passwd", "toy-3", "toy-4", "=1+1"];
export const COUNT = IDS.length;

/** Finder `one` ranks the rows 5, 4, 3, 2, 1, 0; `two` has no score of row 5. */
export async function writeSearchData(folder: string, positions = true): Promise<void> {
  await writeDataset(join(folder, "data"), { ...SPEC, name: "toy" }, async (writer) => {
    for (const [i, id] of IDS.entries())
      writer.append(fluxImage(i), [row(i, { id, ...(positions ? { ra: 10 + i, dec: -i } : {}) })]);
  });
  const table = (scores: readonly (number | null)[]) =>
    `id,score\n${scores.flatMap((score, i) => (score === null ? [] : [`"${IDS[i]}",${score}\n`])).join("")}`;
  writeFileSync(join(folder, "one.csv"), table([0.1, 0.2, 0.3, 0.45, 0.8, 0.9]));
  writeFileSync(join(folder, "two.csv"), table([0.9, 0.2, 0.3, 0.4, 0.7, null]));
}

export const openTiny = (folder: string, ...scores: string[]): Promise<Objects> =>
  openObjects({ dataset: join(folder, "data"), scores: scores.map((name) => join(folder, name)) });
