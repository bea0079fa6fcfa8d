/** The page that runs a finder, in a real browser and from a folder. Skipped where Chromium is not. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { encode } from "fast-png";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDataset } from "../../../src/dataset/dataset.ts";
import { NpyReader } from "../../../src/dataset/npy.ts";
import { fitsBytes } from "../../../src/sky/fits.ts";
import { commandLine } from "../../cli/arclet.ts";
import { brokenRules, executablePath, launched, timeout } from "../../inspect/chromium.ts";
import { bytesOf, writeNpy } from "../../tiny/dataset.ts";
import { folderWith } from "../../tiny/runs.ts";

const PAGE = pathToFileURL(fileURLToPath(new URL("../../../dist/finder/index.html", import.meta.url))).href;

describe.skipIf(executablePath === undefined)("in Chromium", () => {
  const folder = folderWith("pictures", "of-pictures", "flux", "of-flux");
  const at = (...names: string[]) => join(folder, ...names);
  const { done } = commandLine(folder);
  let browser: Browser;
  beforeAll(async () => {
    browser = await launched();
    for (const name of ["of-pictures", "of-flux"]) done(`export-model ${name} --onnx ${name}.onnx`);
  });
  afterAll(() => browser?.close());

  /** A dataset's images as an array. */
  function imagesOf(name: string) {
    const reader = new NpyReader(at(name, "images-00000.npy"));
    const images = reader.read(0, reader.length);
    reader.close();
    const [, channels, height, width] = reader.header.shape as [number, number, number, number];
    return { images, each: channels * height * width, channels, height, width };
  }

  /** The first images of a dataset, as an array's shape and bytes. */
  function arrayOf(name: string, count: number): [number[], Uint8Array] {
    const { images, each, channels, height, width } = imagesOf(name);
    const some = Uint8Array.from({ length: count * each }, (_, i) => images[i % images.length]!);
    return [[count, channels, height, width], bytesOf(some)];
  }

  async function opened(
    where = browser,
  ): Promise<{ page: Page; errors: string[]; close: () => Promise<void> }> {
    const context = await where.newContext({ acceptDownloads: true });
    const page = await context.newPage();
    page.setDefaultTimeout(timeout);
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    page.on("request", (request) => {
      if (!/^(file|blob|data):/.test(request.url())) errors.push(`asks for ${request.url()}`);
    });
    await page.goto(PAGE);
    return { page, errors, close: () => context.close() };
  }

  const give = (page: Page, ...files: string[]) =>
    page.getByLabel("choose files").setInputFiles(files.map((name) => at(name)));

  /** The table that the page saves: score and calibrated probability by name. */
  async function savedBy(page: Page): Promise<Map<string, { score: number; calibrated: number }>> {
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "Save as scores.csv" }).click(),
    ]);
    const [head, ...rows] = readFileSync(await download.path(), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => line.split(","));
    expect(head).toEqual(["id", "rank", "score", "calibrated"]);
    expect(rows.map((row) => Number(row[2]))).toEqual(
      rows.map((row) => Number(row[2])).sort((a, b) => b - a),
    );
    return new Map(
      rows.map(([id, , score, calibrated]) => [id!, { score: +score!, calibrated: +calibrated! }]),
    );
  }

  /** What `arclet score` writes of files in a folder, by file. */
  function scoredBy(run: string, data: string) {
    done(`score ${data} ${run} --prior-from none --out ${data}-scores.csv`);
    const [head, ...rows] = readFileSync(at(`${data}-scores.csv`), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => line.split(","));
    const column = (row: string[], name: string) => row[head!.indexOf(name)]!;
    return rows.map((row) => ({
      id: column(row, "id"),
      score: Number(column(row, "score")),
      calibrated: Number(column(row, "calibrated")),
    }));
  }

  test("FITS, larger than the finder takes, get the command line's numbers to 1e-3", async () => {
    const { images, each, channels, height, width } = imagesOf("flux");
    mkdirSync(at("fits"));
    const names = Array.from({ length: 6 }, (_, k) => `cutout-${k}.fits`);
    for (const [k, name] of names.entries()) {
      // A margin of the first pixel's value, which the middle leaves out.
      const wide = new Float32Array(channels * (height + 4) * (width + 2)).fill(images[k * each]!);
      for (let c = 0; c < channels; c++)
        for (let y = 0; y < height; y++)
          for (let x = 0; x < width; x++)
            wide[(c * (height + 4) + y + 2) * (width + 2) + x + 1] =
              images[k * each + (c * height + y) * width + x]!;
      writeFileSync(at("fits", name), fitsBytes([{ data: wide, shape: [channels, height + 4, width + 2] }]));
    }
    const { page, errors, close } = await opened();
    await give(page, "of-flux.onnx", ...names.map((name) => join("fits", name)));
    await page.getByRole("table").waitFor();
    const saved = await savedBy(page);
    expect(saved.size).toBe(6);
    for (const { id, score, calibrated } of scoredBy("of-flux", "fits")) {
      expect(Math.abs(saved.get(`${id}.fits`)!.score - score)).toBeLessThan(1e-3);
      expect(Math.abs(saved.get(`${id}.fits`)!.calibrated - calibrated)).toBeLessThan(1e-3);
    }
    // The map of all patches is the command's, by the number that both have of it: its largest heat.
    const about = await page.getByText(/^All \d+ patches/).textContent();
    const asExplained = /arclet (explain .*?) has them/.exec(about!)![1]!;
    const best = (await page.getByRole("row").nth(1).getByRole("button").textContent())!;
    const dataset = await openDataset(at("flux"));
    const id = dataset.ids[Number(/\d+/.exec(best)![0])]!;
    dataset.close();
    done(`${asExplained} flux of-flux --ids ${id} --out explained`);
    const most = Number(
      /by (\S+)\s+at\s+most/.exec((await page.getByText(/lowers the logit/).textContent())!)![1],
    );
    const [head, row] = readFileSync(at("explained", "explain.csv"), "utf8")
      .split("\n")
      .map((line) => line.split(","));
    expect(Math.abs(most - Number(row![head!.indexOf("max")]))).toBeLessThan(1e-3);
    const drawn = await page.getByLabel("Heat").evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
      return { width: canvas.width, colours: new Set(data.filter((_, i) => i % 4 === 0)).size };
    });
    expect(drawn.width).toBe(width);
    expect(drawn.colours).toBeGreaterThan(5);
    expect(await brokenRules(page)).toEqual([]);
    expect(errors).toEqual([]);
    await close();
  });

  test("PNG get the command line's numbers, and a click shows another image", async () => {
    const { images, each, channels, height, width } = imagesOf("pictures");
    mkdirSync(at("png"));
    const plane = height * width;
    const names = Array.from({ length: 5 }, (_, k) => `picture-${k}.png`);
    for (const [k, name] of names.entries()) {
      const data = Uint8Array.from(
        { length: each },
        (_, i) => images[k * each + (i % channels) * plane + Math.floor(i / channels)]!,
      );
      writeFileSync(at("png", name), encode({ width, height, data, channels }));
    }
    const { page, errors, close } = await opened();
    await give(page, "of-pictures.onnx");
    await page.getByRole("heading", { name: "of-pictures" }).waitFor();
    await give(page, ...names.map((name) => join("png", name)));
    await page.getByRole("table").waitFor();
    const saved = await savedBy(page);
    for (const { id, score, calibrated } of scoredBy("of-pictures", "png")) {
      expect(Math.abs(saved.get(`${id}.png`)!.score - score)).toBeLessThan(1e-3);
      expect(Math.abs(saved.get(`${id}.png`)!.calibrated - calibrated)).toBeLessThan(1e-3);
    }
    const last = page.getByRole("row").last().getByRole("button");
    const name = (await last.textContent())!;
    await last.click();
    await page.getByRole("img", { name: `Image ${name}` }).waitFor();
    expect(errors).toEqual([]);
    await close();
  });

  test("WebGPU, where the browser has it, gives WebAssembly's numbers, and is used if it is asked for or faster", async () => {
    // Chromium's own GPU in software: right, not fast.
    const withGpu = await launched("--enable-unsafe-webgpu");
    const { page, errors, close } = await opened(withGpu);
    writeNpy(at("array.npy"), "|u1", ...arrayOf("pictures", 24));
    await give(page, "of-pictures.onnx");
    await page.getByRole("heading", { name: "of-pictures" }).waitFor();
    const tables = new Map<string, Awaited<ReturnType<typeof savedBy>>>();
    for (const wish of ["WebAssembly", "WebGPU", "automatic"]) {
      await page.getByLabel("Compute with").selectOption(wish);
      await give(page, "array.npy");
      await page.getByText(wish === "automatic" ? /images took/ : `computed by ${wish}`).waitFor();
      await expect.poll(() => page.getByRole("status").count(), { timeout }).toBe(0);
      tables.set(wish, await savedBy(page));
    }
    const ours = tables.get("WebAssembly")!;
    expect(ours.size).toBe(24);
    for (const table of tables.values())
      for (const [id, { score, calibrated }] of table) {
        expect(Math.abs(score - ours.get(id)!.score)).toBeLessThan(1e-3);
        expect(Math.abs(calibrated - ours.get(id)!.calibrated)).toBeLessThan(1e-3);
      }
    expect(errors).toEqual([]);
    await close();
    await withGpu.close();
  });

  test("a browser without WebGPU says so where it is asked for", async () => {
    const { page, close } = await opened();
    writeNpy(at("few.npy"), "|u1", ...arrayOf("pictures", 3));
    await page.getByLabel("Compute with").selectOption("WebGPU");
    await give(page, "of-pictures.onnx", "few.npy");
    await expect
      .poll(() => page.getByRole("alert").textContent(), { timeout })
      .toBe("this browser offers no WebGPU here; choose another");
    await close();
  });

  test("a thousand images of an array are ranked, with progress; what doesn't fit is said", async () => {
    const { channels } = imagesOf("pictures");
    writeNpy(at("many.npy"), "|u1", ...arrayOf("pictures", 1000));
    writeNpy(at("small.npy"), "|u1", [channels, 8, 8], new Uint8Array(channels * 64));
    const { page, errors, close } = await opened();
    await give(page, "many.npy");
    await expect
      .poll(() => page.getByRole("alert").textContent(), { timeout })
      .toMatch(/drop a finder first/);
    await give(page, "of-pictures.onnx", "many.npy", "small.npy");
    await expect
      .poll(() => page.getByRole("progressbar").getAttribute("max"), { timeout, interval: 5 })
      .toBe("1001");
    await page.getByRole("table").waitFor();
    expect((await savedBy(page)).size).toBe(1000);
    expect(await page.getByRole("alert").textContent()).toBe(
      "small.npy is 8 × 8 pixels, the finder takes 24 × 24",
    );
    expect(errors).toEqual([]);
    await close();
  });
});
