/** `arclet simulate` as a person runs it: killed, run again, looked at first. */
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decode } from "fast-png";
import { afterAll, expect, test } from "vitest";
import { slow } from "../slow.ts";
import { commandLine, ownProcess, program } from "./arclet.ts";
import { cutOff, filesOf } from "./cut-off.ts";

slow("simulates hundreds of images, and kills programs that do");

const folder = mkdtempSync(join(tmpdir(), "arclet-simulate-"));
afterAll(() => rmSync(folder, { recursive: true }));

const place = (name: string) => {
  const path = join(folder, name);
  mkdirSync(path);
  return { path, ...commandLine(path) };
};
test("killed and interrupted, the same command resumes, to the bytes of an uninterrupted run", async () => {
  const line = "sky --size 16 --count 512 --seed 3 --prevalence 0.3 --resampled 0.5";
  const alone = place("alone");
  alone.done(`simulate ${line}`);
  const { path, done, refused } = place("killed");
  const killed = await cutOff(path, `simulate ${line}`, "sky", 1, "SIGKILL");
  expect(killed.by).toBe("SIGKILL");
  expect(killed.rows).toBeGreaterThan(0);
  expect(killed.rows).toBeLessThan(512);
  expect(existsSync(join(path, "sky"))).toBe(false);
  refused(/sky\.partial: was started with seed 3, now 4/, `simulate ${line.replace("--seed 3", "--seed 4")}`);
  const stopped = await cutOff(path, `simulate ${line}`, "sky", killed.rows + 32, "SIGTERM");
  expect(stopped.code).toBe(130);
  expect(stopped.rows).toBeGreaterThan(killed.rows);
  done(`simulate ${line}`);
  expect(readdirSync(path)).toEqual(["sky"]);
  expect(filesOf(join(path, "sky"))).toEqual(filesOf(join(alone.path, "sky")));
});

test("two threads draw the bytes that one draws, are interrupted at once, and report an error as one line", async () => {
  const line = "sky --size 24 --count 300 --seed 8 --resampled 0.5";
  const one = place("one-thread");
  one.done(`simulate ${line}`);
  const { path } = place("two-threads");
  const two = commandLine(path, (args, folder) => ownProcess(args, folder, { ARCLET_THREADS: "2" }));
  const environment = process.env.ARCLET_THREADS;
  process.env.ARCLET_THREADS = "2";
  const stopped = await cutOff(path, `simulate ${line}`, "sky", 33, "SIGINT");
  process.env.ARCLET_THREADS = environment;
  expect(stopped.code).toBe(130);
  expect(stopped.rows).toBeLessThan(300);
  two.done(`simulate ${line}`);
  expect(filesOf(join(path, "sky"))).toEqual(filesOf(join(one.path, "sky")));
  const shear =
    "name: narrow\nbase: default\nlens:\n  deflector:\n    shear: {normal: [0, 0.001], within: [0.2, 0.3]}\n";
  writeFileSync(join(path, "narrow.yaml"), shear);
  two.refused(
    /recipe narrow: lens\.deflector\.shear must give values of 0\.2 to 0\.3/,
    "simulate never --recipe narrow.yaml --size 24 --count 200",
  );
});

test("where files may not grow, it ends with a line, and the same command goes on from what was made", () => {
  const line = "sky --size 16 --count 200 --seed 3";
  const alone = place("alone-small");
  alone.done(`simulate ${line}`);
  const { path, done } = place("small");
  const limited = `ulimit -f 120; exec node ${program} simulate ${line}`; // of 1024 bytes; images alone are 150 of them
  const { status, stderr } = spawnSync("bash", ["-c", limited], { cwd: path, encoding: "utf8" });
  expect(stderr.trimEnd().split("\n").at(-1)).toMatch(
    /^arclet: .*larger than allowed.*; what was made is kept in sky\.partial: the same command resumes/,
  );
  expect(status).not.toBe(0);
  const log = () => readFileSync(join(path, "sky.partial", "rows.jsonl"), "utf8").split("\n").length - 1;
  expect(log()).toBeGreaterThan(10);
  expect(log()).toBeLessThan(200);
  done(`simulate ${line}`);
  expect(filesOf(join(path, "sky"))).toEqual(filesOf(join(alone.path, "sky")));
});

test("a preview is one picture with a row of every kind, and no dataset", () => {
  const { path, done, refused } = place("preview");
  const { stdout } = done("simulate sky --preview kinds.png --examples 2 --size 24");
  for (const kind of ["lens", "ring", "spiral", "merger", "star"]) expect(stdout).toContain(kind);
  expect(readdirSync(path)).toEqual(["kinds.png"]);
  const { width, height, channels } = decode(readFileSync(join(path, "kinds.png")));
  expect([height, channels]).toEqual([30 + 13 * 99, 3]);
  expect(width).toBeGreaterThan(2 * 99);
  refused(/--preview must be a file that ends in \.png/, "simulate --preview kinds.jpg");
  refused(/<out> must be given/, "simulate --count 3");
});

test("the same seed simulates the same pixels, and another seed other ones", () => {
  const { path, done } = place("seeds");
  const sky = "--survey hsc --pixel-scale 0.187 --count 24 --size 24";
  done(`simulate one ${sky}`);
  done(`simulate again ${sky}`);
  done(`simulate other ${sky} --seed 7`);
  const pixels = (name: string) => readFileSync(join(path, name, "images-00000.npy"));
  expect(pixels("again").equals(pixels("one"))).toBe(true);
  expect(pixels("other").equals(pixels("one"))).toBe(false);
});

test("a simulation is like a dataset: its bands in their order, pixels, size, scale and survey; flags override", () => {
  const { path, done, refused } = place("like");
  const info = (name: string) => JSON.parse(readFileSync(join(path, name, "dataset.json"), "utf8"));
  done("simulate hsc --survey hsc --pixels flux --bands i,g --size 24 --pixel-scale 0.2 --count 4");
  expect(info("hsc")).toMatchObject({ bands: ["i", "g"], pixels: "flux", shape: [2, 24, 24] });
  const { stdout } = done("simulate like --like hsc --count 4 --seed 2");
  expect(stdout).toContain("like hsc: flux of i, g, 24 pixels of 0.2 arcsec; survey hsc\n");
  for (const key of ["bands", "pixels", "shape", "pixelScale", "survey"])
    expect(info("like")[key]).toEqual(info("hsc")[key]);
  done("simulate other --like hsc --survey cfhtls --size 32 --count 4");
  expect(info("other")).toMatchObject({
    bands: ["i", "g"],
    survey: "cfhtls",
    shape: [2, 32, 32],
    pixelScale: 0.2,
  });
  refused(/nowhere.*no such file/, "simulate x --like nowhere");
  refused(
    /simulate: --bands must be bands of cfhtls \(.*\), got "z2"/,
    "simulate x --pixels flux --bands g,z2 --count 4",
  );
});

test("bands are the same channels in another order", () => {
  const { path, done } = place("bands");
  const pixels = (name: string) => readFileSync(join(path, name, "images-00000.npy"));
  const line = "--pixels flux --size 24 --count 3 --seed 4";
  done(`simulate all ${line}`);
  const { bands } = JSON.parse(readFileSync(join(path, "all", "dataset.json"), "utf8"));
  done(`simulate turned ${line} --bands ${[...bands].reverse().join(",")}`);
  const plane = 24 * 24 * 4;
  const channel = (name: string, image: number, k: number) => {
    const start = 128 + (image * bands.length + k) * plane;
    return pixels(name).subarray(start, start + plane);
  };
  for (let image = 0; image < 3; image++)
    for (let k = 0; k < bands.length; k++)
      expect(channel("turned", image, bands.length - 1 - k).equals(channel("all", image, k))).toBe(true);
});

test("a name that is taken and values out of range are refused in one line", () => {
  const { path, refused } = place("refused");
  mkdirSync(join(path, "taken"));
  refused(/taken/, "simulate taken --count 10");
  refused(/survey/, "simulate x --survey sdss");
  refused(/prevalence.*got "2"/, "simulate x --prevalence 2");
  expect(readdirSync(path)).toEqual(["taken"]);
});
