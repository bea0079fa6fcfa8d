/** Packed files that are damaged, or that unpack to far more than their size. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateRawSync, gzipSync, crc32 as zlibCrc } from "node:zlib";
import { afterAll, afterEach, expect, test } from "vitest";
import { crc32 } from "../../src/foundation/crc32.ts";
import { checkGzip, mostUnpacked, setUnpackBound } from "../../src/foundation/unpacking.ts";
import { checkEntry, unpackEntry, zipEntries } from "../../src/foundation/zip.ts";

const folder = mkdtempSync(join(tmpdir(), "arclet-packed-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => setUnpackBound(undefined));

/** A zip file of one entry (PKWARE APPNOTE 4.3), packed or as it is. */
function zip(name: string, data: Buffer, { packed = false, crc = crc32(data) } = {}): string {
  const body = packed ? deflateRawSync(data, { level: 9 }) : data;
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(20, 0);
  fields.writeUInt16LE(packed ? 8 : 0, 4);
  fields.writeUInt32LE(crc, 10);
  fields.writeUInt32LE(body.length, 14);
  fields.writeUInt32LE(data.length, 18);
  fields.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from("PK\x03\x04"), fields, Buffer.from(name), body]);
  const entry = Buffer.concat([
    Buffer.from("PK\x01\x02\x14\x00"),
    fields,
    Buffer.alloc(14),
    Buffer.from(name),
  ]);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(entry.length, 8);
  end.writeUInt32LE(local.length, 12);
  const path = join(folder, `${name}.zip`);
  writeFileSync(path, Buffer.concat([local, entry, Buffer.from("PK\x05\x06"), end]));
  return path;
}

test("CRC-32 is the one of ISO 3309, whole or in pieces", () => {
  // The check value of the catalogue of CRC algorithms: 123456789 gives cbf43926.
  const nine = Buffer.from("123456789");
  expect(crc32(nine).toString(16)).toBe("cbf43926");
  expect(crc32(nine.subarray(3), crc32(nine.subarray(0, 3))).toString(16)).toBe("cbf43926");
  if (zlibCrc !== undefined) expect(crc32(Buffer.alloc(1001, 7))).toBe(zlibCrc(Buffer.alloc(1001, 7)));
});

test.each([false, true])("an entry (packed: %s) that does not have its CRC is refused", async (packed) => {
  const data = Buffer.from("some numbers ".repeat(50));
  const to = join(folder, "unpacked");
  const read = async (path: string) => {
    const entry = zipEntries(path).get("a")!;
    if (!packed) return checkEntry(path, "a", entry);
    await unpackEntry(path, "a", entry, to);
    expect(readFileSync(to)).toEqual(data);
  };
  await read(zip("a", data, { packed }));
  rmSync(to, { force: true });
  await expect(read(zip("a", data, { packed, crc: 7 }))).rejects.toThrow(
    /entry a is damaged \(its CRC differs\)/,
  );
  rmSync(to, { force: true });
});

test("what unpacks to more than the bound is refused, until the bound is raised", async () => {
  const zeros = Buffer.alloc(80 * 2 ** 20); // deflate makes them a thousand times smaller
  const path = zip("z", zeros, { packed: true });
  const entry = zipEntries(path).get("z")!;
  const to = join(folder, "zeros");
  await expect(unpackEntry(path, "z", entry, to)).rejects.toThrow(
    /entry z unpacks to more than 200 times its \d+ bytes; if it is trusted, raise --unpack-bound/,
  );
  const packed = gzipSync(zeros);
  writeFileSync(join(folder, "z.gz"), packed);
  await expect(checkGzip(join(folder, "z.gz"), packed.length)).rejects.toThrow(
    /z\.gz: unpacks to more than 200 times/,
  );
  setUnpackBound("2000");
  await checkGzip(join(folder, "z.gz"), packed.length);
  await unpackEntry(path, "z", entry, to);
  expect(readFileSync(to).equals(zeros)).toBe(true);
});

test("small files may unpack to 64 MiB whatever their size", () => {
  expect(mostUnpacked(10)).toBe(67_108_864);
  expect(mostUnpacked(1e6)).toBe(2e8);
  expect(() => setUnpackBound("0.5")).toThrow(/--unpack-bound must be a number of 1 or more, got/);
});
