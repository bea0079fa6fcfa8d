/**
 * How long the pages of `arclet inspect` take on this machine, and the server's memory, with 100,000 cutouts.
 *
 *   node --import tsx bench/inspect/pages.ts [FOLDER]
 *
 * Writes a dataset of noise (COUNT images, 3 × SIDE × SIDE of flux; 1.9 GB by default) into FOLDER, unless it is there, serves
 * it by the compiled command, and turns pages in Chromium. A time is from the key to the canvas with all of its images. What
 * was fetched ahead (`ahead`) is what a grader meets; `cold` turns on at once, faster than anything can be fetched ahead.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Page } from "playwright-core";
import { writeDataset } from "../../src/dataset/writer.ts";
import { Draws } from "../../src/foundation/random.ts";
import { quantile } from "../../src/foundation/statistics.ts";

const COUNT = Number(process.env.COUNT ?? 100_000);
const SIDE = Number(process.env.SIDE ?? 40);
const TURNS = Number(process.env.TURNS ?? 40);
const folder = process.argv[2] ?? join(tmpdir(), "arclet-inspect-bench");
const data = join(folder, `noise-${COUNT}-${SIDE}`);

async function writeNoise(): Promise<void> {
  const draws = new Draws(1);
  const noise = Float32Array.from({ length: 1 << 20 }, () => draws.normal(0, 1));
  const size = 3 * SIDE * SIDE;
  const spec = {
    ...{ name: "noise", survey: "lsst", bands: ["g", "r", "i"], pixelScale: 0.2, classes: [] },
    ...{ pixels: "flux" as const, shape: [3, SIDE, SIDE] as [number, number, number], provenance: {} },
  };
  await writeDataset(data, spec, async (writer) => {
    for (let i = 0; i < COUNT; i++) {
      // Windows of one noise, each with a brightness of its own: no two images are the same.
      const first = (i * 7919) % (noise.length - size);
      const image = noise.slice(first, first + size);
      image[size >> 1] = i;
      writer.append(image, [{ id: `noise-${i}`, group: `noise-${i}`, split: "train" }]);
    }
  });
}

/** The command's process, and the address that it prints. */
async function served(): Promise<{ server: ChildProcess; url: string }> {
  const out = join(folder, `search-${process.pid}`);
  const server = spawn("node", [
    "bin/arclet.mjs",
    "inspect",
    data,
    "--no-open",
    "--graders",
    "x",
    "--out",
    out,
  ]);
  const url = await new Promise<string>((resolve, reject) => {
    let said = "";
    server.stdout.on("data", (text) => {
      said += text;
      const found = /http:\S+/.exec(said);
      if (found !== null && said.includes("Ctrl-C")) resolve(found[0]);
    });
    server.stderr.on("data", (text) => process.stderr.write(text));
    server.once("exit", (code) => reject(new Error(`arclet inspect ended with ${code}`)));
  });
  return { server, url };
}

/** Memory of its own, MiB: without the images' files, which are mapped, and the system's to drop. */
function memoryOf({ pid }: ChildProcess): number {
  const kilobytes = /RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1];
  return Math.round(Number(kilobytes) / 1024);
}

/** Presses a key; ms until the canvas has all images of another page. */
const turned = (page: Page, key: string, images: number): Promise<number> =>
  page.evaluate(
    ([pressed, count]) =>
      new Promise<number>((resolve) => {
        const where = () => document.querySelector(".steps .number")!.textContent;
        const before = where();
        const canvas = () => document.querySelector<HTMLCanvasElement>("canvas.pictures")!;
        const begun = performance.now();
        window.dispatchEvent(new KeyboardEvent("keydown", { key: String(pressed) }));
        const look = () => {
          if (where() !== before && canvas().dataset.images === String(count))
            resolve(performance.now() - begun);
          else setTimeout(look, 0);
        };
        look();
      }),
    [key, images] as const,
  );

async function times(page: Page, key: string, images: number, pause: number): Promise<number[]> {
  const all: number[] = [];
  for (let turn = 0; turn < TURNS; turn++) {
    all.push(await turned(page, key, images));
    await page.waitForTimeout(pause);
  }
  return all.sort((a, b) => a - b);
}

const say = (what: string, all: readonly number[]) =>
  console.log(
    `${what.padEnd(28)} median ${quantile(all, 0.5).toFixed(0)} ms, 95 % within ${quantile(all, 0.95).toFixed(0)} ms`,
  );

if (!existsSync(data)) await writeNoise();
const { server, url } = await served();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--enable-unsafe-swiftshader"],
});
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  // tsx names functions by a helper that pages don't have.
  await page.addInitScript("globalThis.__name = (named) => named");
  await page.goto(url);
  await page.locator("canvas.pictures").waitFor();
  for (const name of ["Columns", "Rows"]) await page.getByLabel(name).selectOption("10");
  await page.waitForFunction(() => document.querySelector("canvas")?.dataset.images === "100");
  console.log(
    `${COUNT} images of 3 × ${SIDE} × ${SIDE}, ${TURNS} turns each; load ${loadavg()[0]!.toFixed(1)}`,
  );
  await times(page, "PageDown", 100, 500);
  const first = memoryOf(server);
  say("10 × 10 page, ahead", await times(page, "PageDown", 100, 1000));
  say("10 × 10 page, cold", await times(page, "PageDown", 100, 0));
  await page.keyboard.press("Enter");
  await page.locator(".single").waitFor();
  await page.waitForTimeout(1000);
  say("next object, ahead", await times(page, "ArrowRight", 1, 200));
  say("ten objects on, cold", await times(page, "PageDown", 1, 0));
  console.log(
    `server's memory: ${first} MiB at first, ${memoryOf(server)} MiB after ${4 * TURNS} turns more`,
  );
} finally {
  await browser.close();
  server.kill("SIGINT");
}
