/** A session in a real browser, by keyboard, and what accessibility rules say of the pages. Skipped where Chromium is not. */
import { join } from "node:path";
import { decode } from "fast-png";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readEntries } from "../../src/inspect/journal.ts";
import type { Objects } from "../../src/inspect/objects.ts";
import { readPages } from "../../src/inspect/pages.ts";
import { Search } from "../../src/inspect/search.ts";
import { type RunningServer, startServer } from "../../src/inspect/server.ts";
import { slow } from "../slow.ts";
import { scratch } from "../tiny/dataset.ts";
import { IDS, openTiny, writeSearchData } from "../tiny/search.ts";
import { brokenRules, executablePath, images, launched, openPage, timeout } from "./chromium.ts";

slow("starts a browser");

const WIDE = { width: 1280, height: 800 };

describe.skipIf(executablePath === undefined)("in Chromium", () => {
  const folder = scratch();
  let objects: Objects;
  let search: Search;
  let server: RunningServer;
  let browser: Browser;
  beforeAll(async () => {
    await writeSearchData(folder);
    objects = await openTiny(folder, "one.csv", "two.csv");
    search = Search.open(join(folder, "search"), objects, false);
    const rules = { showScores: false, readOnly: false, host: "127.0.0.1", port: 0 };
    server = await startServer({ ...rules, search, pages: readPages(), graders: ["anna", "ben", "carl"] });
    browser = await launched();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    search?.close();
    objects?.domain.close();
  });

  /** A grader's page, whose errors fail the test. */
  function opened(grader: string, options: { viewport?: typeof WIDE; colorScheme?: "light" | "dark" } = {}) {
    const { url } = server.addresses.find((one) => one.grader === grader)!;
    return openPage(browser, url, { viewport: WIDE, ...options });
  }

  const saidOf = async (page: Page, text: RegExp) => {
    await expect.poll(() => page.getByRole("status").textContent(), { timeout }).toMatch(text);
  };
  const cells = (page: Page, count: number) =>
    expect.poll(() => page.getByRole("gridcell").count(), { timeout }).toBe(count);
  const rowOf = (id: string) => IDS.indexOf(id);
  const graded = () =>
    readEntries(join(folder, "search", "journal.jsonl"))
      .entries.filter(({ grader }) => grader === "anna")
      .map((entry) =>
        entry.action === "grade" ? [entry.ids.map(rowOf), entry.grade, entry.kind] : [entry.action],
      );

  test("a whole session by keyboard; ids and comments stay text", async () => {
    const { page, errors, close } = await opened("anna");
    const key = (name: string) => page.keyboard.press(name);
    // Mosaic, highest score first: rows 5, 4, 3, 2, 1, 0.
    await cells(page, 6);
    await key("Space");
    await saidOf(page, /^=1\+1: candidate/);
    await key("ArrowRight");
    await key("s");
    await saidOf(page, /^toy-4: grade X, spiral\. 1 of 6 graded/);
    await key("n");
    await saidOf(page, /^4 objects: grade X\. 5 of 6 graded/);
    await key("u");
    await saidOf(page, /^Undone: 4 objects/);
    // One by one: the undo has led back to the first of them.
    await key("Enter");
    await expect.poll(() => page.locator(".id").textContent(), { timeout }).toBe("toy-3");
    expect(await page.getByText("Scores are hidden").count()).toBe(1);
    await key("q");
    await saidOf(page, /^toy-3: grade A\. 2 of 6 graded/);
    await expect.poll(() => page.locator(".id").textContent(), { timeout }).toBe("../../etc/passwd");
    await key("ArrowRight");
    await expect
      .poll(() => page.locator(".id").textContent(), { timeout })
      .toBe("<img src=x onerror=alert(1)>");
    await key("c");
    await page.keyboard.type("<script>alert(2)</script> qwe");
    await key("Enter");
    await saidOf(page, /^Comment saved/);
    await key("w");
    await saidOf(page, /^<img src=x onerror=alert\(1\)>: grade B/);
    await key("Escape");
    // A reload before the page has left this object would come back to it.
    await cells(page, 6);
    await page.reload();
    await images(page);
    await cells(page, 3);
    expect(errors).toEqual([]);
    expect(graded()).toEqual([
      [[5], "candidate", null],
      [[4], "X", "spiral"],
      [[3, 2, 1, 0], "X", null],
      ["undo"],
      [[3], "A", null],
      ["comment"],
      [[1], "B", null],
    ]);
    await close();
  });

  test("two graders at once see their own grades alone", async () => {
    const ben = await opened("ben");
    const carl = await opened("carl");
    await ben.page.keyboard.press("q");
    await saidOf(ben.page, /grade A\. 1 of 6 graded/);
    await carl.page.keyboard.press("r");
    await saidOf(carl.page, /grade X\. 1 of 6 graded/);
    expect(await carl.page.getByRole("gridcell").first().getAttribute("aria-label")).toBe("=1+1, grade X");
    expect([...ben.errors, ...carl.errors]).toEqual([]);
    await ben.close();
    await carl.close();
  });

  test("what is shown when the disk takes no grade: the reason, and the object as it was", async () => {
    const { page, close } = await opened("ben");
    await page.route("**/api/grade", (route) =>
      route.fulfill({ status: 507, json: { error: "journal.jsonl: no space left on the disk" } }),
    );
    await page.keyboard.press("w");
    await expect
      .poll(() => page.getByRole("alert").textContent(), { timeout })
      .toBe("journal.jsonl: no space left on the disk");
    expect(await page.getByRole("gridcell").first().getAttribute("aria-label")).not.toMatch(/grade B/);
    await close();
  });

  test("WebGL and the canvas draw the same", async () => {
    const { page, close } = await opened("carl");
    await page.keyboard.press("Enter");
    const painter = () => page.evaluate(() => document.querySelector("canvas")!.dataset.painter);
    const looks = [
      { stretch: "lupton" },
      { stretch: "log", band: "0", map: "viridis" },
      { stretch: "zscale", keys: ["]", ",", ","] },
      { stretch: "zscale", band: "1", map: "magma", keys: ["i"] },
    ];
    const drawn = async (address: string) => {
      await page.goto(`http://127.0.0.1:${server.port}/${address}`);
      await images(page);
      const shots: ReturnType<typeof decode>[] = [];
      for (const { stretch, band = "all", map = "grey", keys = [] as string[] } of looks) {
        await page.getByRole("button", { name: "Reset" }).click();
        await page.getByLabel("Smooth").uncheck();
        await page.getByLabel("Stretch").selectOption(stretch);
        await page.getByLabel("Bands").selectOption(band);
        if (band !== "all") await page.getByLabel("Colours").selectOption(map);
        await page.getByRole("button", { name: "Reset" }).focus();
        for (const key of keys) await page.keyboard.press(key);
        shots.push(decode(await page.locator("canvas").screenshot()));
      }
      return { painter: await painter(), shots };
    };
    const webgls = await drawn("");
    const canvases = await drawn("?canvas");
    expect([webgls.painter, canvases.painter]).toEqual(["webgl", "canvas"]);
    for (const [k, canvas] of canvases.shots.entries()) {
      const webgl = webgls.shots[k]!;
      expect([canvas.width, canvas.height]).toEqual([webgl.width, webgl.height]);
      const [one, other] = [canvas, webgl].map(({ data }) => Float64Array.from(data));
      const apart = one!.reduce((sum, value, i) => sum + Math.abs(value - other![i]!), 0) / one!.length;
      expect(apart).toBeLessThan(1);
      expect(one!.some((value, i) => i % canvas.channels < 3 && value > 60)).toBe(true);
    }
    await close();
  });

  test("dragging on an image changes contrast and bias, and marks nothing; a click marks", async () => {
    const { page, errors, close } = await opened("carl");
    const cell = page.getByRole("gridcell").nth(1);
    const { x, y, width, height } = (await cell.boundingBox())!;
    await page.mouse.move(x + width / 2, y + height / 2);
    await page.mouse.down();
    await page.mouse.move(x + width / 2 + 50, y + height / 2 - 75, { steps: 4 });
    await page.mouse.up();
    // 50 of 500 px across, and 75 of 150 px upwards: e to the half.
    await expect
      .poll(() => page.getByLabel("Contrast").getAttribute("aria-valuetext"), { timeout })
      .toBe("1.65 times");
    expect(await page.getByLabel("Bias").getAttribute("aria-valuetext")).toBe("0.60");
    expect(await page.locator(".is-candidate").count()).toBe(0);
    await cell.click();
    await page.locator(".is-candidate").waitFor();
    await page.keyboard.press("u");
    expect(errors).toEqual([]);
    await close();
  });

  test.each([
    ["wide, dark", WIDE, "dark"],
    ["wide, light", WIDE, "light"],
    ["a phone", { width: 390, height: 844 }, "dark"],
  ] as const)("no accessibility rule is broken: %s", async (_, viewport, colorScheme) => {
    const { page, errors, close } = await opened("anna", { viewport, colorScheme });
    await page.getByLabel("Show").selectOption("all");
    expect(await brokenRules(page)).toEqual([]);
    await page.keyboard.press("Enter");
    await page.locator(".single").waitFor();
    expect(await brokenRules(page)).toEqual([]);
    await page.keyboard.press("?");
    expect(await brokenRules(page)).toEqual([]);
    const wider = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
    expect(wider).toBe(false);
    expect(errors).toEqual([]);
    await close();
  });
});
