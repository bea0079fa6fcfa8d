/** Looking closer in a real browser, by keys. Skipped where Chromium is not. */
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { closeTools, type LookTools, openTools } from "../../src/inspect/look-tools.ts";
import { type Objects, openObjects } from "../../src/inspect/objects.ts";
import { readPages } from "../../src/inspect/pages.ts";
import { Search } from "../../src/inspect/search.ts";
import { type RunningServer, startServer } from "../../src/inspect/server.ts";
import { slow } from "../slow.ts";
import { scratch } from "../tiny/dataset.ts";
import { folderWith } from "../tiny/runs.ts";
import { brokenRules, executablePath, images, launched, timeout } from "./chromium.ts";

slow("starts a browser");

describe.skipIf(executablePath === undefined)("in Chromium", () => {
  const folder = folderWith("flux", "of-flux");
  const own = scratch();
  let objects: Objects;
  let search: Search;
  let tools: LookTools;
  let server: RunningServer;
  let browser: Browser;
  beforeAll(async () => {
    objects = await openObjects({ dataset: join(folder, "flux"), scores: [] });
    search = Search.open(join(own, "search"), objects, false);
    tools = await openTools(
      search,
      { finder: join(folder, "of-flux"), features: null, frames: [], pattern: null },
      false,
    );
    const rules = { showScores: false, readOnly: false, host: "127.0.0.1", port: 0 };
    server = await startServer({ ...rules, search, tools, pages: readPages(), graders: ["anna"] });
    browser = await launched();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await closeTools(tools);
    search?.close();
    objects?.domain.close();
  });

  test("keys show heat, objects alike, which open, and what frames would show; no rule is broken", async () => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.setDefaultTimeout(timeout);
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    await page.goto(server.addresses[0]!.url);
    await images(page);
    await page.keyboard.press("o");
    // One by one, with the heat of the image, or that there is none of it.
    await page.locator(".heat").waitFor();
    await page.keyboard.press("x");
    await page.getByText("start arclet inspect with --frames FOLDER").waitFor();
    await page.keyboard.press("l");
    const strip = page.getByRole("region", { name: "Objects alike" });
    await expect.poll(() => strip.getByRole("button").count(), { timeout }).toBe(12);
    expect(await page.getByRole("button", { name: "Like this" }).getAttribute("aria-pressed")).toBe("true");
    expect(await brokenRules(page)).toEqual([]);
    const before = await page.locator(".id").textContent();
    await strip.getByRole("button").first().click();
    await expect.poll(() => page.locator(".id").textContent(), { timeout }).not.toBe(before);
    await page.getByText("north is not known").waitFor();
    await page.getByRole("button", { name: "Grad-CAM" }).waitFor();
    await page.keyboard.press("o");
    await page.getByRole("button", { name: "Occlusion" }).waitFor();
    await page.locator(".heat").waitFor();
    await page.keyboard.press("o");
    await expect.poll(() => page.locator(".heat").count(), { timeout }).toBe(0);
    await page.getByRole("button", { name: "Heat map" }).waitFor();
    expect(errors).toEqual([]);
  });
});
