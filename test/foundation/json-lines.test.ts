/** Files of JSON lines: whole, truncated, broken. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import {
  appendJsonLine,
  type Broken,
  JsonLog,
  jsonLines,
  readJsonLines,
  writeJsonLines,
} from "../../src/foundation/json-lines.ts";

const folder = mkdtempSync(join(tmpdir(), "arclet-lines-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);

function number(value: unknown): number {
  if (typeof value !== "number") throw new Error("not a number");
  return value;
}

const read = (text: string, broken: Broken) => {
  writeFileSync(at("lines"), text);
  return readJsonLines(at("lines"), broken, number, "is not a number");
};

test("values that were written or appended are read back, empty lines skipped", () => {
  writeJsonLines(at("log"), [{ a: "é\n" }, [1, null]]);
  appendJsonLine(at("log"), "last");
  expect(readFileSync(at("log"), "utf8")).toBe('{"a":"é\\n"}\n[1,null]\n"last"\n');
  writeFileSync(at("log"), `\n${readFileSync(at("log"), "utf8")}\n`);
  expect(readJsonLines(at("log"), "refuse", (value) => value)).toEqual([{ a: "é\n" }, [1, null], "last"]);
});

test("a line that does not fit on the disk leaves nothing that the next line would be glued to", () => {
  const line = `"${"x".repeat(997)}"\n`;
  writeFileSync(at("full"), line);
  const module = new URL("../../dist/foundation/json-lines.js", import.meta.url).href;
  const append = `const { appendJsonLine } = await import(${JSON.stringify(module)});
    try { appendJsonLine(${JSON.stringify(at("full"))}, "y".repeat(200)); } catch (error) { console.log(error.message); }`;
  // Files may grow to 1024 bytes: 24 of the line's 203 are written before the system refuses
  const node = `ulimit -f 1; exec node --input-type=module -e '${append}'`;
  const { stdout } = spawnSync("bash", ["-c", node], { encoding: "utf8" });
  expect(stdout).toContain(`${at("full")}: the file would be larger than allowed`);
  expect(readFileSync(at("full"), "utf8")).toBe(line);
});

describe("a last line without its newline", () => {
  test("is read or refused if every line must be whole", () => {
    expect(read("1\n2", "refuse")).toEqual([1, 2]);
    expect(() => read('1\n\n{"a', "refuse")).toThrow(`${at("lines")} line 3: is not a number`);
  });

  test("is left out if its writer may have been killed, even when it can be read", () => {
    for (const broken of ["drop the last", "stop"] as const)
      expect([read("1\n2", broken), read('1\n{"a', broken), read("1", broken)]).toEqual([[1], [1], []]);
  });
});

test("a broken line before the last is refused by its number, or reading stops there", () => {
  for (const broken of ["refuse", "drop the last"] as const) {
    expect(() => read("1\n[2\n3\n", broken)).toThrow(`${at("lines")} line 2: is not a number`);
    expect(() => read('1\n2\n"3"\n', broken)).toThrow(`${at("lines")} line 3: is not a number`);
  }
  expect(read("1\n[2\n3\n", "stop")).toEqual([1]);
  expect(read('1\n2\n"3"\n', "stop")).toEqual([1, 2]);
});

test("lines longer than the read buffer are whole, and their ends are counted in bytes", () => {
  const texts = ["é".repeat(700_000), "", "x".repeat(1_500_000)];
  writeJsonLines(at("long"), texts);
  const lines = [...jsonLines(at("long"), "refuse", String)];
  expect(lines.map(({ value }) => value)).toEqual(texts);
  expect(lines.map(({ end }) => end)).toEqual([1_400_003, 1_400_006, 2_900_009]);
});

test("a log continues after the bytes that are kept", () => {
  writeFileSync(at("open"), "1\n2\n[cut");
  const log = new JsonLog(at("open"), 2);
  log.add(7);
  expect(readFileSync(at("open"), "utf8")).toBe("1\n");
  log.flush();
  log.add([8]);
  log.flush();
  log.sync();
  log.close();
  expect(readFileSync(at("open"), "utf8")).toBe("1\n7\n[8]\n");
  new JsonLog(at("open")).close();
  expect(readFileSync(at("open"), "utf8")).toBe("");
});

test("a file that is not there is named", () => {
  expect(() => readJsonLines(at("none"), "stop", String)).toThrow(`${at("none")}: no such file or folder`);
});
