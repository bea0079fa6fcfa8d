/** Pictures in folders, arrays of one object and of many, and faulty ones. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { deflateRawSync } from "node:zlib";
import { encode as encodePng } from "fast-png";
import jpeg from "jpeg-js";
import { expect, test } from "vitest";
import { openDataset } from "../../../src/dataset/dataset.ts";
import { crc32 } from "../../../src/foundation/crc32.ts";
import type { ImportOptions } from "../../../src/making/importing/config.ts";
import { importImages } from "../../../src/making/importing/import.ts";
import { bytesOf, scratch, writeNpy } from "../../tiny/dataset.ts";

const folder = scratch();
const at = (...names: string[]) => join(folder, ...names);
let serial = 0;

async function importing(images: string[], options: Partial<ImportOptions> = {}) {
  const out = at(`out-${++serial}`);
  const usual = { bands: ["i", "r", "g"], pixelScale: 0.2 };
  const report = await importImages({ images, out, ...usual, ...options });
  const dataset = await openDataset(out);
  return {
    report,
    dataset,
    setAside: readFileSync(join(out, "set-aside.csv"), "utf8").trim().split("\n"),
  };
}

function put(name: string, bytes: Uint8Array): void {
  mkdirSync(dirname(at(name)), { recursive: true });
  writeFileSync(at(name), bytes);
}

/** Colour at a pixel: all channels and pixels different. */
const colour = (n: number, p: number, c: number) => (n * 50 + p * 3 + c) % 256;
const hwc = (n: number, channels = 3) =>
  Uint8Array.from({ length: 16 * channels }, (_, i) => colour(n, Math.floor(i / channels), i % channels));
const chw = (n: number) => [0, 1, 2].flatMap((c) => Array.from({ length: 16 }, (_, p) => colour(n, p, c)));
const png = (n: number, channels = 3) =>
  encodePng({ width: 4, height: 4, channels, depth: 8, data: hwc(n, channels) });

/** A little-endian TIFF of one strip, put together by hand. */
function tiff(values: Uint8Array | Uint16Array | Float32Array, samples: number, side: number): Buffer {
  const bits = 8 * values.BYTES_PER_ELEMENT;
  const entries: [number, number, number, number][] = [
    [256, 3, 1, side],
    [257, 3, 1, side],
    [258, 3, 1, bits],
    [259, 3, 1, 1],
    [262, 3, 1, samples === 3 ? 2 : 1],
    [273, 4, 1, 8],
    [277, 3, 1, samples],
    [278, 3, 1, side],
    [279, 4, 1, values.byteLength],
    [339, 3, 1, values instanceof Float32Array ? 3 : 1],
  ];
  const start = 8 + values.byteLength;
  const bytes = Buffer.alloc(start + 2 + 12 * entries.length + 4);
  bytes.write("II*\0", 0, "latin1");
  bytes.writeUInt32LE(start, 4);
  bytes.set(bytesOf(values), 8);
  bytes.writeUInt16LE(entries.length, start);
  for (const [i, [tag, type, count, value]] of entries.entries()) {
    const to = start + 2 + 12 * i;
    bytes.writeUInt16LE(tag, to);
    bytes.writeUInt16LE(type, to + 2);
    bytes.writeUInt32LE(count, to + 4);
    if (type === 3) bytes.writeUInt16LE(value, to + 8);
    else bytes.writeUInt32LE(value, to + 8);
  }
  return bytes;
}

test("PNG in folders by class, and by split one level above", async () => {
  for (const [n, name] of ["train/lens/a", "train/other/b", "test/lens/c", "test/other/d"].entries())
    put(`classes/${name}.png`, png(n));
  const { dataset, report } = await importing([at("classes")], { pattern: "{split}/{class}/{id}.png" });
  expect(dataset.info).toMatchObject({ pixels: "display", classes: ["lens", "other"], shape: [3, 4, 4] });
  expect(report.splits).toEqual({ train: 2, val: 0, test: 2 });
  expect(dataset.column("label")[dataset.ids.indexOf("d")]).toBe("other");
  expect([...dataset.images([dataset.ids.indexOf("b")]).data()]).toEqual(chw(1));
});

test("PNG with transparency, grey, JPEG by its own decoder, and files of the wrong channels or size", async () => {
  put("mixed/a.png", png(0));
  put("mixed/b.png", encodePng({ width: 4, height: 4, channels: 4, depth: 8, data: hwc(1, 4) }));
  put("mixed/c.png", encodePng({ width: 4, height: 4, channels: 1, depth: 8, data: hwc(2, 1) }));
  const rgba = Uint8Array.from({ length: 64 }, (_, i) => (i % 4 === 3 ? 255 : (i * 7) % 256));
  const packed = jpeg.encode({ width: 4, height: 4, data: rgba }, 95).data;
  put("mixed/d.jpg", packed);
  put(
    "mixed/e.png",
    encodePng({ width: 5, height: 3, channels: 3, depth: 8, data: new Uint8Array(45).map((_, i) => i) }),
  );
  put("mixed/f.png", png(3).subarray(0, 50));
  const { dataset, setAside } = await importing([at("mixed")]);
  expect(dataset.ids).toEqual(["a", "b", "d"]);
  const second = [0, 1, 2].flatMap((c) => Array.from({ length: 16 }, (_, p) => hwc(1, 4)[4 * p + c]!));
  expect([...dataset.images([1]).data()]).toEqual(second);
  const plain = jpeg.decode(packed, { formatAsRGBA: false }).data;
  expect([...dataset.images([2]).data()].slice(0, 16)).toEqual(
    Array.from({ length: 16 }, (_, p) => plain[3 * p]),
  );
  expect(
    setAside.slice(1).map((line) => /(wrong shape|too small|unreadable|truncated)/.exec(line)?.[0]),
  ).toEqual(["wrong shape", "too small", expect.stringMatching(/unreadable|truncated/)]);
});

test("TIFF of bytes is display, of floats and 16 bits flux", async () => {
  put("bytes/a.tif", tiff(hwc(0), 3, 4));
  put(
    "bytes/b.tif",
    tiff(
      Uint16Array.from({ length: 48 }, (_, i) => 300 * i),
      3,
      4,
    ),
  );
  const display = await importing([at("bytes/a.tif")]);
  expect([...display.dataset.images([0]).data()]).toEqual(chw(0));
  const flux = Float32Array.from({ length: 16 }, (_, i) => i * 1e3 - 0.5);
  put("floats/a.tiff", tiff(flux, 1, 4));
  put(
    "floats/b.tiff",
    tiff(
      Uint16Array.from({ length: 16 }, (_, i) => 300 * i),
      1,
      4,
    ),
  );
  const { dataset } = await importing([at("floats")], { bands: ["r"] });
  expect(dataset.info.pixels).toBe("flux");
  expect([...dataset.images([0, 1]).data()]).toEqual([
    ...flux,
    ...Array.from({ length: 16 }, (_, i) => 300 * i),
  ]);
});

test("a folder of .npy files of one object each", async () => {
  const values = Float32Array.from({ length: 48 }, (_, i) => i / 3);
  mkdirSync(at("each"));
  writeNpy(at("each/a.npy"), "<f4", [3, 4, 4], bytesOf(values));
  writeNpy(at("each/b.npy"), "<f4", [4, 4, 3], bytesOf(values));
  writeNpy(at("each/c.npy"), "<f4", [4, 4], bytesOf(values.subarray(0, 16)));
  const { dataset, setAside } = await importing([at("each")]);
  expect([...dataset.images([0]).data()]).toEqual([...values]);
  expect([...dataset.images([1]).data()].slice(0, 3)).toEqual([values[0], values[3], values[6]]);
  expect(setAside[1]).toMatch(/c\.npy,3,c,wrong shape,"wrong shape: c\.npy, has/);
});

/** An `.npz` as NumPy writes it, stored or deflated. */
function npz(members: Record<string, Uint8Array>, deflate: boolean): Buffer {
  const [parts, list]: [Buffer[], Buffer[]] = [[], []];
  let offset = 0;
  for (const [name, bytes] of Object.entries(members)) {
    const body = deflate ? deflateRawSync(bytes) : Buffer.from(bytes);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(deflate ? 8 : 0, 8);
    local.writeUInt32LE(crc32(bytes), 14);
    local.writeUInt32LE(body.length, 18);
    local.writeUInt32LE(bytes.length, 22);
    local.writeUInt16LE(name.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(deflate ? 8 : 0, 10);
    entry.writeUInt32LE(crc32(bytes), 16);
    entry.writeUInt32LE(body.length, 20);
    entry.writeUInt32LE(bytes.length, 24);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(offset, 42);
    parts.push(local, Buffer.from(name), body);
    list.push(entry, Buffer.from(name));
    offset += 30 + name.length + body.length;
  }
  const directory = Buffer.concat(list);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Object.keys(members).length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, directory, end]);
}

test("an .npz, stored or compressed; the only fitting array is found, or one is named", async () => {
  const values = Float32Array.from({ length: 96 }, (_, i) => i * i);
  writeNpy(at("x.npy"), "<f4", [2, 3, 4, 4], bytesOf(values));
  writeNpy(at("y.npy"), "<i8", [2], new Uint8Array(16));
  const [x, y] = [readFileSync(at("x.npy")), readFileSync(at("y.npy"))];
  for (const deflate of [false, true]) {
    const name = `set-${deflate}.npz`;
    writeFileSync(at(name), npz({ "x.npy": x, "y.npy": y }, deflate));
    const { dataset } = await importing([at(name)]);
    expect(dataset.ids).toEqual([`set-${deflate}-0000000`, `set-${deflate}-0000001`]);
    expect([...dataset.images([0, 1]).data()]).toEqual([...values]);
  }
  writeFileSync(at("two.npz"), npz({ "x.npy": x, "z.npy": x }, true));
  await expect(importing([at("two.npz")])).rejects.toThrow(/2 arrays may hold .* --dataset: x, z/);
  const { dataset } = await importing([at("two.npz")], { dataset: "z" });
  expect(dataset.count).toBe(2);
  const lying = npz({ "x.npy": x }, true);
  lying.writeUInt32LE(2 ** 25, lying.length - 22 - 46 - 5 + 24);
  writeFileSync(at("lying.npz"), lying);
  await expect(importing([at("lying.npz")])).rejects.toThrow(/does not unpack \(\d+ bytes, not 33554432\)/);
  lying.writeUInt32LE(2 ** 31, lying.length - 22 - 46 - 5 + 24);
  writeFileSync(at("bomb.npz"), lying);
  await expect(importing([at("bomb.npz")])).rejects.toThrow(/unpacks to more than 200 times its \d+ bytes/);
  // A byte of a stored array, and what else lies in the file.
  const damaged = npz({ "x.npy": x }, false);
  damaged[30 + 5 + 200]! ^= 1;
  writeFileSync(at("damaged.npz"), damaged);
  await expect(importing([at("damaged.npz")])).rejects.toThrow(/entry x\.npy is damaged \(its CRC differs\)/);
  const text = Buffer.from("no array");
  writeFileSync(at("mixed.npz"), npz({ "notes.txt": text, "x.npy": x, "folder/": Buffer.alloc(0) }, false));
  expect((await importing([at("mixed.npz")])).dataset.count).toBe(2);
  writeFileSync(at("none.npz"), npz({ "notes.txt": text }, false));
  await expect(importing([at("none.npz")])).rejects.toThrow(/none\.npz: /);
});

test("an HDF5 file, with and without a table; a file of another kind is refused in a line", async () => {
  const { default: h5 } = await import("h5wasm/node");
  await h5.ready;
  const file = new h5.File(at("set.h5"), "w");
  const data = Float32Array.from({ length: 5 * 48 }, (_, i) => Math.sqrt(i));
  file
    .create_group("group")
    .create_dataset({ name: "images", data, shape: [5, 3, 4, 4], chunks: [2, 3, 4, 4], compression: 4 });
  file.create_dataset({ name: "labels", data: new Int32Array(5) });
  file.close();
  const { dataset } = await importing([at("set.h5")]);
  expect([...dataset.images([0, 1, 2, 3, 4]).data()]).toEqual([...data]);
  writeFileSync(at("h5.csv"), "id,row\na,4\nb,0\n");
  const some = await importing([at("set.h5")], { table: at("h5.csv"), dataset: "group/images" });
  expect([...some.dataset.images([0]).data()]).toEqual([...data.slice(4 * 48)]);
  expect(some.report.unlisted).toBe(3);
  const whole = readFileSync(at("set.h5"));
  writeFileSync(at("cut.h5"), whole.subarray(0, whole.length >> 1));
  writeFileSync(at("none.h5"), "no HDF5 at all");
  for (const name of ["cut.h5", "none.h5"])
    await expect(importing([at(name)])).rejects.toThrow(new RegExp(`${name}[^\n]*: HDF5: [^\n]+$`));
});

test("what an HDF5 file has in other files is not read; groups that lead back to themselves are refused", async () => {
  const { default: h5 } = await import("h5wasm/node");
  await h5.ready;
  const made = (name: string, fill: (file: InstanceType<typeof h5.File>) => void) => {
    const file = new h5.File(at(name), "w");
    fill(file);
    file.close();
  };
  const data = new Float32Array(2 * 48).map((_, k) => k);
  const images = { data, shape: [2, 3, 4, 4] };
  made("private.h5", (file) => file.create_dataset({ name: "images", ...images }));
  made("leads.h5", (file) => {
    file.create_external_link(at("private.h5"), "images", "images");
    file.create_external_link(at("private.h5"), "/", "all");
    file.create_soft_link("/all/images", "soft");
  });
  const elsewhere = /leads\.h5: (all|images) leads to another file, "[^"]*private\.h5", which is not read/;
  await expect(importing([at("leads.h5")])).rejects.toThrow(elsewhere);
  for (const dataset of ["images", "soft", "all/images"])
    await expect(importing([at("leads.h5")], { dataset })).rejects.toThrow(elsewhere);
  made("linked.h5", (file) => {
    file.create_group("group").create_dataset({ name: "images", ...images });
    file.create_external_link(at("private.h5"), "images", "more");
    file.create_soft_link("/group/images", "soft");
  });
  expect((await importing([at("linked.h5")])).dataset.count).toBe(2);
  made("circle.h5", (file) => {
    file.create_group("a");
    for (const name of ["a/b", "a/c", "a/d", "a/e"]) file.create_hard_link("/a", name);
  });
  await expect(importing([at("circle.h5")])).rejects.toThrow(
    /circle\.h5: (its groups lead back to themselves|HDF5: )/,
  );
});
