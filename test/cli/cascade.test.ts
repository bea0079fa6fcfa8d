/** `arclet cascade` and scores by it: those that pass are the finder's, the others come last; what is refused. */
import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeDataset } from "../../src/dataset/writer.ts";
import { folderWith } from "../tiny/runs.ts";
import { commandLine } from "./arclet.ts";

const folder = folderWith("source", "target", "so", "lsst");
const at = (...names: string[]) => join(folder, ...names);
const { done, refused } = commandLine(folder);
const tableOf = (file: string) => {
  const [head, ...lines] = readFileSync(at(file), "utf8").trimEnd().split("\n");
  const names = head!.split(",");
  return lines.map((line) => Object.fromEntries(line.split(",").map((value, i) => [names[i]!, value])));
};
/** Every one of these few images is above it. */
const MAKE = "cascade so source --threshold 0.001 --epochs 4";

test("what passes has the finder's scores, what is rejected comes after it, with ranks for all", () => {
  const { stdout } = done(`${MAKE} --loss 0.2 --out c`);
  expect(stdout).toMatch(
    /source: \d+ images learned from, calibrated on \d+ objects above 0\.001; [\d.]+ % of \d+ held-out images rejected, \d+ of \d+ objects above it/,
  );
  expect(stdout).toMatch(/promised: a loss of 20\.00 % on average; [\d.]+ % to [\d.]+ % by the draw/);
  expect(stdout).toMatch(
    /held out: \d+ of \d+ objects above the threshold rejected, [\d.]+ % \[[\d.]+ %, [\d.]+ %\]/,
  );
  const { stdout: said } = done("score source c --out c.csv --prior 0.5,0.5");
  expect(said).toMatch(
    /c: [\d.]+ % of 96 images rejected; the finder .*model\.safetensors scored the other \d+/,
  );
  expect(said).not.toContain("warning");
  done("score source so --out so.csv --prior 0.5,0.5");
  const alone = new Map(tableOf("so.csv").map((row) => [row.id!, row]));
  const rows = tableOf("c.csv");
  expect(Object.keys(rows[0]!)).toEqual([
    ...["id", "rank", "score", "p_not-lens", "p_lens", "calibrated", "rejected"],
  ]);
  expect(rows.map(({ rank }) => Number(rank))).toEqual(rows.map((_, i) => i + 1));
  const rejected = rows.filter((row) => row.rejected === "true");
  const passed = rows.filter((row) => row.rejected === "false");
  expect(rejected.length).toBeGreaterThan(0);
  expect(passed.length).toBeGreaterThan(rejected.length);
  expect(rows.slice(passed.length)).toEqual(rejected);
  for (const row of passed)
    for (const name of ["score", "p_not-lens", "p_lens", "calibrated"])
      expect(Number(row[name])).toBeCloseTo(Number(alone.get(row.id!)![name]), 5);
  for (const row of rejected) {
    expect(Number(row.score)).toBeLessThan(1e-24);
    expect(row).toMatchObject({ "p_not-lens": "1", p_lens: row.score, calibrated: "" });
  }
  expect(new Set(rejected.map(({ score }) => score)).size).toBe(rejected.length);
});

test("one seed gives one cascade, also by scores that were kept; divided work gives the table of one program", () => {
  done(`${MAKE} --loss 0.2 --scores kept.safetensors --out again`);
  const student = (name: string) => readFileSync(at(name, "student.safetensors"));
  expect(student("again")).toEqual(student("c"));
  const kept = readFileSync(at("kept.safetensors"));
  done(`${MAKE} --loss 0.3 --scores kept.safetensors --out looser`);
  expect(student("looser")).toEqual(student("c"));
  expect(readFileSync(at("kept.safetensors"))).toEqual(kept);
  refused(
    /kept\.safetensors: keeps scores of another precision: float32, here it is bfloat16; give another --scores/,
    `${MAKE} --precision bfloat16 --scores kept.safetensors --out no`,
  );
  cpSync(at("source"), at("many", "a"), { recursive: true });
  done("simulate many/b --survey hsc --pixel-scale 0.187 --count 40 --size 24 --seed 5");
  done("score many c --out whole.csv");
  done("score many c --out shards.csv --shards 2");
  expect(readFileSync(at("shards.csv"))).toEqual(readFileSync(at("whole.csv")));
  expect(tableOf("whole.csv")).toHaveLength(136);
  done("score source c --out source.csv");
});

test("the loss is promised for the datasets that are named; of the others it is only measured", () => {
  const { stdout } = done(
    `cascade so many/a many/b --promised-on many/a/ --threshold 0.001 --epochs 1 --loss 0.2 --out named`,
  );
  expect(stdout).toMatch(/many\/a: \d+ images learned from, calibrated on/);
  expect(stdout).toMatch(/many\/b: \d+ images learned from, not calibrated on/);
  const { data, heldOut } = JSON.parse(readFileSync(at("named", "cascade.json"), "utf8"));
  expect(data.map(({ promised }: { promised: boolean }) => promised)).toEqual([true, false]);
  expect(heldOut).toMatchObject({ groups: data[0].aboveHeldOut, lost: data[0].lost });
  expect(data[1].aboveHeldOut).toBeGreaterThan(0);
  refused(
    /--promised-on must be some of many\/a, got "many\/b"/,
    `cascade so many/a --promised-on many/b --out no`,
  );
});

test("without a prior there is no column calibrated, since what passed is no sample; with tta the finder alone turns", () => {
  const { stdout } = done("score source c --out plain.csv --tta");
  expect(stdout).toMatch(/c: no column calibrated, since the prior can't be estimated on what passed/);
  expect(stdout).not.toContain("--tta does nothing");
  const [plain, turned] = ["source.csv", "plain.csv"].map(
    (file) => new Map(tableOf(file).map((row) => [row.id!, row])),
  ) as [Map<string, Record<string, string>>, Map<string, Record<string, string>>];
  const passed = [...plain.values()].filter(({ rejected }) => rejected === "false");
  for (const { id, rejected } of plain.values()) expect(turned.get(id!)!.rejected).toBe(rejected);
  expect(passed.some(({ id, score }) => turned.get(id!)!.score !== score)).toBe(true);
});

test("a cascade whose finder, student or data changed is refused, and one of another survey", () => {
  cpSync(at("c"), at("other"), { recursive: true });
  const whole = readFileSync(at("c", "cascade.json"), "utf8");
  const changed = (change: (made: ReturnType<typeof JSON.parse>) => void) => {
    const made = JSON.parse(whole);
    change(made);
    writeFileSync(at("other", "cascade.json"), JSON.stringify(made));
  };
  const line = "score source other --out no.csv";
  changed((made) => {
    made.finder.sha256 = "0".repeat(64);
  });
  refused(
    /cascade\.json: was made for the finder .*model\.safetensors, which has changed since; make the cascade again/,
    line,
  );
  changed((made) => {
    made.data[0].contentHash = "0".repeat(64);
  });
  refused(/cascade\.json: was made on .*source, which has changed since; make the cascade again/, line);
  changed((made) => {
    made.finder.path = at("gone.safetensors");
  });
  refused(/gone\.safetensors: /, line);
  changed((made) => {
    made.passes = "low";
  });
  refused(/cascade\.json: .*passes/, line);
  writeFileSync(at("other", "cascade.json"), whole);
  const bytes = readFileSync(at("other", "student.safetensors"));
  bytes[bytes.length - 5]! ^= 4;
  writeFileSync(at("other", "student.safetensors"), bytes);
  refused(/student\.safetensors: is not the file that cascade\.json describes/, line);
  refused(
    /has images of cfhtls, the cascade is for hsc; arclet cascade makes one for these images/,
    "score target c --out no.csv",
  );
  refused(/has images of lsst, the cascade is for hsc/, "score lsst c --out no.csv");
  refused(/models> must be the cascade c alone, or models/, "score source c so --out no.csv");
  refused(/positive must be lens, as in the cascade/, "score source c --positive not-lens --out no.csv");
  expect(existsSync(at("no.csv"))).toBe(false);
});

test("images that are not like those behind it are scored with a warning", async () => {
  const info = JSON.parse(readFileSync(at("source", "dataset.json"), "utf8"));
  const { name, survey, bands, pixelScale, classes, pixels, shape } = info;
  const spec = { name, survey, bands, pixelScale, classes, pixels, shape, provenance: {} };
  await writeDataset(at("white"), spec, async (writer) => {
    for (let i = 0; i < 120; i++)
      writer.append(
        Uint8Array.from({ length: shape[0] * shape[1] * shape[2] }, (_, k) => 240 + ((k + i) % 16)),
        [{ id: `w${i}`, group: `w${i}`, split: "train" }],
      );
  });
  expect(done("score white c --out white.csv").stdout).toMatch(
    /c: warning: these images are not like those that the cascade was made on \(Kolmogorov's distance [\d.]+\)/,
  );
});

test("what can't be promised or learned from is refused in one line, before anything is written", () => {
  refused(
    /a loss of 0\.005 needs 199 objects to calibrate on .*, about 796 .*: there are \d+; .*--loss 0\.\d+/,
    `${MAKE} --out no`,
  );
  refused(
    /no image to calibrate on has a finder's score of 0\.9999 or more; give lens-rich images too/,
    "cascade so source --threshold 0.9999 --epochs 1 --out no",
  );
  refused(
    /has images of cfhtls, the finder and datasets before it are of hsc/,
    "cascade so source target --out no",
  );
  refused(/LSST.*the model was made for/, "cascade so lsst --out no");
  refused(/out must be a name that is not taken/, `${MAKE} --out c`);
  refused(/--loss must be/, `${MAKE} --loss 0 --out no`);
  expect(existsSync(at("no"))).toBe(false);
});
