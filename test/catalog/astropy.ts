/** Catalogues written by astropy, and their content. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const fixture = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/catalogs/${name}`, import.meta.url));

/** Values by column; a whole number beyond 2^53 makes a column bigint. */
export const ROWS: Record<string, unknown[]> = {
  ...JSON.parse(readFileSync(fixture("rows.json"), "utf8")),
  objid: [1237668393087271045n, -2n, 3n],
};
