/** `arclet export`: a table of scores, grades or positions in another format. */
import { z } from "zod";
// Imported from their own files: the façade loads libtorch, which this doesn't need.
import { rowsOf } from "../catalog/catalog.ts";
import { formatByName } from "../catalog/format.ts";
import { inIcrs } from "../catalog/named.ts";
import { hduOption, readCatalog } from "../catalog/read.ts";
import { writeCatalog } from "../catalog/write.ts";
import { combinationAt } from "../evaluate/combination/file.ts";
import { number, text } from "../foundation/field.ts";
import { command } from "./command.ts";

const column = (what: string) =>
  text(`the column of ${what} (none: guessed from the names)`, { default: null });

export const exportCommand = command({
  details:
    "Reads tables of text (CSV, TSV, separated by ; | or blanks, ECSV, SExtractor's), Parquet, VOTable or FITS, recognised " +
    "by content, and writes CSV, TSV, Parquet, VOTable, FITS or DS9 regions, by the extension. Regions are circles labelled with id and score, from blue at the lowest score to red at the highest. Of a " +
    "combination, the combined scores of the tables that it was fitted on are written.",
  schema: z.strictObject({
    table: text("the table to read; it may be gzipped; or a combination that `arclet combine` fitted"),
    out: text("the file to write: .csv, .tsv, .parquet, .vot, .fits or .reg"),
    radius: number("radius of the circles in DS9 regions", { above: 0, default: 2.5, unit: "arcsec" }),
    idColumn: column("ids, for DS9 regions"),
    raColumn: column("right ascension, for DS9 regions"),
    decColumn: column("declination, for DS9 regions"),
    scoreColumn: column("scores, for DS9 regions"),
    hdu: text("which table of a FITS file: EXTNAME or number, from 0 (none: the first with positions)", {
      default: null,
    }),
  }),
  positionals: ["table"],
  example: "arclet export scores.csv --out scores.vot",
  async run({ table: path, out, radius, idColumn, raColumn, decColumn, scoreColumn, hdu }) {
    const format = formatByName(out);
    const combination = combinationAt(path);
    if (combination !== null) {
      const { applyToOwnTables } = await import("../evaluate/combination/apply.ts");
      const { readCombination } = await import("../evaluate/combination/file.ts");
      const { writeCombined } = await import("../evaluate/combination/table.ts");
      const made = await applyToOwnTables(combination, readCombination(combination));
      for (const note of [...made.notes, ...(await writeCombined(out, made, { radius }))]) console.log(note);
      console.log(`${out}: ${made.joined.ids.length} rows, combined of ${made.names.join(", ")}`);
      return;
    }
    const catalog = inIcrs(await readCatalog(path, hduOption(hdu)));
    for (const note of catalog.notes) console.log(note);
    const { columns, rows } = rowsOf(catalog);
    const roles = { id: idColumn, ra: raColumn, dec: decColumn, score: scoreColumn };
    for (const note of await writeCatalog(out, columns, rows, { radius, roles })) console.log(note);
    console.log(`${out}: ${rows.length} rows${format === "regions" ? "" : `, ${columns.length} columns`}`);
  },
});
