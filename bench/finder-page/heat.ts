/**
 * How long the page that runs a finder in the browser takes for an image: open, score, and heat map, by finder.
 *
 *   node --import tsx bench/finder-page/heat.ts [FINDER …]        all that come along, about four minutes
 *
 * Simulates IMAGES cutouts (default 6) of each finder's survey, drops them on the page in Chromium, and opens each. Times are
 * the page's own, from the click on an image to the map: the first one, of every second patch, and that of all patches.
 * `ratio` is the whole map in times of one image scored alone, as the same page took for it: it holds on a busy machine, too.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { quantile } from "../../src/foundation/statistics.ts";
import { finderNamed, finderNames } from "../../src/train/finders/finders.ts";

const IMAGES = Number(process.env.IMAGES ?? 6);
const PAGE = pathToFileURL(resolve("dist/finder/index.html")).href;
const folder = mkdtempSync(join(tmpdir(), "arclet-finder-page-"));

function arclet(...words: string[]): void {
  const { status, stderr } = spawnSync("node", [resolve("bin/arclet.mjs"), ...words], {
    cwd: folder,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`arclet ${words.join(" ")}: ${stderr}`);
}

/** A finder's file, an array of images as it takes them, and one of a single image. */
function prepared(name: string): { finder: string; images: string; single: string } {
  const { survey, bands, size, pixels } = finderNamed(name).card;
  arclet("export-model", name, "--onnx", `${name}.onnx`);
  const flux = pixels === "flux" ? ["--bands", bands.join(",")] : [];
  const kind = ["--survey", survey, "--pixels", pixels, "--size", String(size), ...flux];
  const made = (out: string, count: number) => {
    arclet("simulate", out, ...kind, "--count", String(count), "--seed", "1");
    return join(folder, out, "images-00000.npy");
  };
  return {
    finder: join(folder, `${name}.onnx`),
    images: made(name, IMAGES),
    single: made(`${name}-single`, 1),
  };
}

/** What the page measured since it was last asked, by name. */
async function measured(page: Page): Promise<{ name: string; ms: number }[]> {
  return page.evaluate(() => {
    const made = performance
      .getEntriesByType("measure")
      .map(({ name, duration }) => ({ name, ms: duration }));
    performance.clearMeasures();
    return made;
  });
}

/** Waits for an image's whole map, and takes what was measured on the way. */
async function mapped(page: Page) {
  await page.waitForFunction(() =>
    performance.getEntriesByType("measure").some(({ name }) => /^heat (\d+)\/\1$/.test(name)),
  );
  return measured(page);
}

/** Times of one kind: of the map's stages by their number of patches, or of scoring. */
const times = (all: { name: string; ms: number }[], name: RegExp) =>
  all.filter((one) => name.test(one.name)).map(({ ms }) => ms);

const said = (ms: number[]) =>
  `${quantile(ms, 0.5).toFixed(0)} ms (${Math.min(...ms).toFixed(0)} to ${Math.max(...ms).toFixed(0)})`;

async function measure(browser: Browser, name: string): Promise<void> {
  const { finder, images, single } = prepared(name);
  const page = await browser.newPage();
  page.setDefaultTimeout(120_000);
  await page.goto(PAGE);
  const opening = performance.now();
  await page.getByLabel("choose files").setInputFiles([finder]);
  await page.getByRole("heading", { name, exact: true }).waitFor();
  const opened = performance.now() - opening;
  const give = (file: string) => page.getByLabel("choose files").setInputFiles([file]);
  await give(single);
  const first = await mapped(page); // with code that the browser hasn't optimised yet
  const warm: { name: string; ms: number }[] = [];
  for (let k = 0; k < IMAGES; k++) {
    await give(single);
    warm.push(...(await mapped(page)));
  }
  await give(images);
  await mapped(page);
  for (const button of (await page.getByRole("row").getByRole("button").all()).slice(1)) {
    await button.click();
    warm.push(...(await mapped(page)));
  }
  const stages = [...new Set(warm.map((one) => one.name).filter((one) => one.startsWith("heat ")))];
  const scored = times(warm, /^scored 1$/);
  console.log(`${name}: opened in ${opened.toFixed(0)} ms; one image scored in ${said(scored)}`);
  for (const stage of stages) {
    const ms = times(warm, new RegExp(`^${stage}$`));
    const ratio = quantile(ms, 0.5) / quantile(scored, 0.5);
    const at = times(first, new RegExp(`^${stage}$`))[0]!;
    console.log(
      `  ${stage} patches: ${said(ms)}, ratio ${ratio.toFixed(1)}; the page's first image ${at.toFixed(0)} ms`,
    );
  }
  await page.close();
}

const asked = process.argv.slice(2);
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
console.log(
  `${new Date().toISOString().slice(0, 10)}, Chromium ${browser.version()}, ${availableParallelism()} cores, load ${loadavg()[0]!.toFixed(1)}`,
);
try {
  for (const name of asked.length > 0 ? asked : finderNames()) await measure(browser, name);
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}
console.log(`load at the end ${loadavg()[0]!.toFixed(1)}`);
