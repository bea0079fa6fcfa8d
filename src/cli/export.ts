/** `arclet export`: a table of scores, grades or positions in another format. */
import { z } from "zod";
// From their own files: the room's face loads libtorch, which this does without.
import { rowsOf } from "../catalog/catalog.ts";
import { formatByName } from "../catalog/format.ts";
import { readCatalog } from "../catalog/read.ts";
import { writeCatalog } from "../catalog/write.ts";
import { number, text } from "../foundation/field.ts";
import { command } from "./command.ts";

const column = (what: string) => text(`the column of ${what} (none: guessed by its name)`, { default: null });

export const exportCommand = command({
  details:
    "Reads CSV, TSV, Parquet, VOTable or FITS, by the file's content, and writes any of them, or DS9 regions, by the name's " +
    "end. Regions are circles with id and score as their text, from blue at the lowest score to red at the highest.",
  schema: z.strictObject({
    table: text("the table to read; it may be gzipped"),
    out: text("the file to write: .csv, .tsv, .parquet, .vot, .fits or .reg"),
    radius: number("of the circles of DS9 regions", { above: 0, default: 2.5, unit: "arcsec" }),
    idColumn: column("ids, for DS9 regions"),
    raColumn: column("right ascension, for DS9 regions"),
    decColumn: column("declination, for DS9 regions"),
    scoreColumn: column("scores, for DS9 regions"),
    hdu: text("which table of a FITS file: its place, from 0, or its EXTNAME (none: the first)", {
      default: null,
    }),
  }),
  positionals: ["table"],
  example: "arclet export scores.csv --out scores.vot",
  async run({ table: path, out, radius, idColumn, raColumn, decColumn, scoreColumn, hdu }) {
    const format = formatByName(out);
    const which = hdu === null ? {} : { hdu: /^\d+$/.test(hdu) ? Number(hdu) : hdu };
    const catalog = await readCatalog(path, which);
    for (const note of catalog.notes) console.log(note);
    const { columns, rows } = rowsOf(catalog);
    const roles = { id: idColumn, ra: raColumn, dec: decColumn, score: scoreColumn };
    for (const note of await writeCatalog(out, columns, rows, { radius, roles })) console.log(note);
    console.log(`${out}: ${rows.length} rows${format === "regions" ? "" : `, ${columns.length} columns`}`);
  },
});
