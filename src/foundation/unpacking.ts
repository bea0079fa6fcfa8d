/**
 * How much larger than itself a packed file may be once unpacked. A few kilobytes can state gigabytes, which fill the disk or
 * the memory of whoever reads them; a file of measurements is packed ten to fifty times smaller.
 */
import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import { foreignError } from "./errors/foreign.ts";
import { ArcletError, refuse } from "./errors.ts";

/** The bound, unless another is set: times the packed size. */
export const UNPACK_BOUND = 200;
/** What a file may always unpack to, bytes. */
const UNPACK_ROOM = 2 ** 26;

let times = UNPACK_BOUND;

/** Sets the bound of a command, as typed; undefined is the usual one. @throws ArcletError for anything but a number of 1 or more */
export function setUnpackBound(typed: string | undefined): void {
  const number = Number(typed ?? UNPACK_BOUND);
  if (!(number >= 1)) refuse("arclet", "--unpack-bound", "a number of 1 or more", typed);
  times = number;
}

/** The most bytes that a file, or an entry, of `packed` bytes may unpack to. */
export const mostUnpacked = (packed: number): number => Math.max(UNPACK_ROOM, Math.floor(times * packed));

/** @param what e.g. `entry images.npy`; empty for the whole file */
export const unpacksTooFar = (path: string, packed: number, what = ""): ArcletError =>
  new ArcletError({
    where: path,
    code: "too-large",
    problem: `${what === "" ? "" : `${what} `}unpacks to more than ${times} times its ${packed} bytes`,
    fix: "if it is trusted, raise --unpack-bound",
  });

/**
 * Unpacks a gzip file and forgets what it held, for readers that unpack by themselves.
 *
 * @param packed the file's bytes
 * @throws ArcletError when it does not unpack, or to more than the bound
 */
export async function checkGzip(path: string, packed: number): Promise<void> {
  const most = mostUnpacked(packed);
  let bytes = 0;
  const stream = createGunzip();
  const raw = createReadStream(path);
  raw.on("error", (error) => stream.destroy(error));
  try {
    for await (const chunk of raw.pipe(stream) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > most) throw unpacksTooFar(path, packed);
    }
  } catch (error) {
    throw foreignError(path, error, "broken", (reason) => `does not unpack (${reason})`);
  } finally {
    raw.destroy();
  }
}
