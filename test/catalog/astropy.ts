/** The catalogues that astropy made, and what is in them. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const fixture = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/catalogs/${name}`, import.meta.url));

/** By column; whole numbers beyond 2^53 keep the column bigint. */
export const ROWS: Record<string, unknown[]> = {
  ...JSON.parse(readFileSync(fixture("rows.json"), "utf8")),
  objid: [1237668393087271045n, -2n, 3n],
};
