/** Streaming reader of VOTables (IVOA Recommendation VOTable 1.4): TABLEDATA, and BINARY or BINARY2 in base64. */
import { createReadStream, statSync } from "node:fs";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { foreignError } from "../foundation/errors/foreign.ts";
import { ArcletError } from "../foundation/errors.ts";
import { safePoint } from "../foundation/interrupt.ts";
import { mostUnpacked, unpacksTooFar } from "../foundation/unpacking.ts";
import type { Catalog } from "./catalog.ts";
import { encodingOf } from "./text/form.ts";
import { VotableReading } from "./votable-reading.ts";

/** Largest size of the unpacked XML: memory should not hold a larger catalogue. */
const MOST_GIB = 4;

/**
 * Reads the first table with data of a VOTable.
 *
 * @throws ArcletError naming the file, and the line or row, when it is not well-formed or a cell is not of its type
 */
export async function readVotable(path: string, gzipped: boolean): Promise<Catalog> {
  const reading = new VotableReading(path);
  try {
    const raw = createReadStream(path);
    const stream = gzipped ? pipeline(raw, createGunzip(), () => {}) : raw;
    let decoder: TextDecoder | undefined;
    const packed = gzipped ? statSync(path).size : 0;
    let bytes = 0;
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MOST_GIB * 2 ** 30)
        throw new ArcletError({
          where: path,
          code: "too-large",
          problem: `is larger than ${MOST_GIB} GiB unpacked`,
        });
      if (gzipped && bytes > mostUnpacked(packed)) throw unpacksTooFar(path, packed);
      decoder ??= decoderOf(path, chunk);
      reading.write(decoder.decode(chunk, { stream: true }));
      await safePoint("nothing was written");
    }
    reading.write(decoder?.decode() ?? "");
    return reading.end();
  } catch (error) {
    throw foreignError(path, error, "broken");
  }
}

/** The decoder by a byte-order mark, or that the XML declaration names; UTF-8 by default. */
function decoderOf(path: string, start: Buffer): TextDecoder {
  const encoding = encodingOf(start);
  if (encoding !== null && encoding !== "utf-8") return new TextDecoder(encoding, { fatal: true });
  const declared = /^[^>]*encoding\s*=\s*["']([\w.:-]+)["']/.exec(start.toString("latin1", 0, 200))?.[1];
  try {
    return new TextDecoder(declared ?? "utf-8", { fatal: true });
  } catch {
    throw new ArcletError({ where: path, code: "unsupported", problem: `encoding ${declared} is not known` });
  }
}
