import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  fileError,
  holdsOnlyPartial,
  readJson,
  writeFileWhole,
  writeFolderWhole,
} from "../../src/foundation/files.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "arclet-files-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("a file is written with the folders above it and leaves nothing beside it", () => {
  const path = join(folder, "a/b/c.txt");
  writeFileWhole(path, "whole");
  writeFileWhole(path, "again");
  expect(readFileSync(path, "utf8")).toBe("again");
  expect(readdirSync(join(folder, "a/b"))).toEqual(["c.txt"]);
});

test("a link at the temporary name is replaced, and what it leads to is left alone", async () => {
  const victim = join(folder, "victim");
  writeFileSync(victim, "mine");
  symlinkSync(victim, join(folder, "s.csv.partial"));
  writeFileWhole(join(folder, "s.csv"), "new");
  expect(readFileSync(victim, "utf8")).toBe("mine");
  expect(readFileSync(join(folder, "s.csv"), "utf8")).toBe("new");
  mkdirSync(join(folder, "there"));
  symlinkSync(join(folder, "there"), join(folder, "set.partial"));
  await expect(writeFolderWhole(join(folder, "set"), async () => {})).rejects.toThrow(
    /set\.partial: is a link, which is not followed/,
  );
  expect(existsSync(join(folder, "there"))).toBe(true);
});

test("a folder of nothing but partial files is as good as empty", () => {
  expect(holdsOnlyPartial(folder)).toBe(true);
  writeFileSync(join(folder, "config.json.partial"), "{");
  expect(holdsOnlyPartial(folder)).toBe(true);
  writeFileSync(join(folder, "config.json"), "{}");
  expect(holdsOnlyPartial(folder)).toBe(false);
});

test("a folder appears only when it is filled", async () => {
  const path = join(folder, "set");
  await writeFolderWhole(path, async (partial) => {
    writeFileSync(join(partial, "x"), "1");
    expect(existsSync(path)).toBe(false);
  });
  expect(readdirSync(folder)).toEqual(["set"]);
  expect(readdirSync(path)).toEqual(["x"]);
});

test("a failed fill leaves nothing, and its error is passed on unchanged", async () => {
  const path = join(folder, "set");
  const failure = new Error("half way");
  const fill = async (partial: string) => {
    writeFileSync(join(partial, "x"), "1");
    throw failure;
  };
  await expect(writeFolderWhole(path, fill)).rejects.toBe(failure);
  expect(readdirSync(folder)).toEqual([]);
});

test("what a killed run left under the partial name is replaced", async () => {
  mkdirSync(join(folder, "set.partial"));
  writeFileSync(join(folder, "set.partial/old"), "");
  await writeFolderWhole(join(folder, "set"), async (partial) => writeFileSync(join(partial, "new"), ""));
  expect(readdirSync(join(folder, "set"))).toEqual(["new"]);
});

test("a folder that exists is not overwritten", async () => {
  const path = join(folder, "set");
  mkdirSync(path);
  writeFileSync(join(path, "mine"), "");
  await expect(writeFolderWhole(path, async () => {})).rejects.toThrow(/write: folder must be a name/);
  expect(readdirSync(path)).toEqual(["mine"]);
});

test("a JSON file that is missing or broken is named", () => {
  const path = join(folder, "run.json");
  expect(() => readJson(path)).toThrow(`${path}: no such file or folder`);
  writeFileSync(path, '{"a": ');
  expect(() => readJson(path)).toThrow(`${path}: not valid JSON (`);
  writeFileSync(path, '{"a": [1]}');
  expect(readJson(path)).toEqual({ a: [1] });
});

test("system errors become one line, others are unchanged", () => {
  expect(fileError("x.npy", Object.assign(new Error(), { code: "EACCES" }))).toMatchObject({
    message: "x.npy: permission denied",
    exitCode: 2,
  });
  const other = new TypeError("no");
  expect(fileError("x.npy", other)).toBe(other);
});

test("a file that doesn't fit is named and leaves nothing", () => {
  const path = join(folder, "x.bin");
  const program = `
    const { writeFileWhole } = await import(${JSON.stringify(join(process.cwd(), "dist/foundation/files.js"))});
    try { writeFileWhole(${JSON.stringify(path)}, new Uint8Array(100_000)); } catch (error) { console.log(error.message); }`;
  // Files of 16 KiB at most; by default the system ends a program that goes beyond.
  const line = `ulimit -f 16; trap '' XFSZ; exec node --input-type=module -e "$PROGRAM"`;
  const { stdout } = spawnSync("bash", ["-c", line], {
    encoding: "utf8",
    env: { ...process.env, PROGRAM: program },
  });
  expect(stdout).toBe(`${path}: the file would be larger than allowed (see ulimit -f)\n`);
  expect(readdirSync(folder)).toEqual([]);
});

/** /dev/full refuses every write as a full disk does. */
describe.skipIf(!existsSync("/dev/full"))("a device that is full", () => {
  test("a folder whose file doesn't fit is named and leaves nothing", async () => {
    const path = join(folder, "set");
    const fill = async () => writeFileSync("/dev/full", "x");
    await expect(writeFolderWhole(path, fill)).rejects.toThrow(`${path}: no space left on the disk`);
    expect(readdirSync(folder)).toEqual([]);
  });
});

const disk = mkdtempSync(join(tmpdir(), "arclet-disk-"));
const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", disk]).status === 0;
afterAll(() => {
  if (mounted) spawnSync("umount", [disk]);
  rmSync(disk, { recursive: true, force: true });
});

// Mounting needs root.
test.skipIf(!mounted)("a disk that fills up keeps what was whole and frees what was not", async () => {
  writeFileWhole(join(disk, "small"), new Uint8Array(10_000));
  const big = new Uint8Array(200_000);
  expect(() => writeFileWhole(join(disk, "big"), big)).toThrow("big: no space left on the disk");
  const fill = async (partial: string) => writeFileSync(join(partial, "images.npy"), big);
  await expect(writeFolderWhole(join(disk, "set"), fill)).rejects.toThrow("set: no space left on the disk");
  expect(readdirSync(disk)).toEqual(["small"]);
  writeFileWhole(join(disk, "small"), new Uint8Array(20_000));
});
