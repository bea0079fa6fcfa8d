/** Keys of one's own, tags, graders, rounds and learning in a real browser. Skipped where Chromium is not. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeDataset } from "../../../src/dataset/writer.ts";
import { Estimates } from "../../../src/inspect/estimates.ts";
import { readEntries } from "../../../src/inspect/journal.ts";
import { readKeys } from "../../../src/inspect/keys-file.ts";
import { Learning } from "../../../src/inspect/learning/learning.ts";
import { openObjects } from "../../../src/inspect/objects.ts";
import { readPages } from "../../../src/inspect/pages.ts";
import { People } from "../../../src/inspect/people/people.ts";
import { Search } from "../../../src/inspect/search.ts";
import { type RunningServer, startServer } from "../../../src/inspect/server.ts";
import { commandLine } from "../../cli/arclet.ts";
import { slow } from "../../slow.ts";
import { fluxImage, row, SPEC, scratch } from "../../tiny/dataset.ts";
import { brokenRules, executablePath, images, launched, openPage, timeout } from "../chromium.ts";

slow("starts a browser");

const TAG = "<b>blue</b>";

describe.skipIf(executablePath === undefined)("in Chromium", () => {
  const folder = scratch();
  const at = (name: string) => join(folder, name);
  let search: Search;
  let learning: Learning;
  let server: RunningServer;
  let browser: Browser;
  beforeAll(async () => {
    await writeDataset(at("data"), { ...SPEC, name: "toy" }, async (writer) => {
      for (let i = 0; i < 30; i++) writer.append(fluxImage(i), [row(i, { id: `o${i}` })]);
    });
    const rows = Array.from({ length: 30 }, (_, i) => i);
    writeFileSync(at("scores.csv"), `id,score\n${rows.map((i) => `o${i},${1 - i / 30}\n`).join("")}`);
    commandLine(folder).done("select scores.csv --top 2 --random 10 --bins 1 --out sample.csv");
    writeFileSync(at("keys.yaml"), "A: 1\nX: 4\nundo: z\n");
    const objects = await openObjects({
      dataset: at("data"),
      scores: [at("scores.csv")],
      sample: at("sample.csv"),
    });
    search = Search.open(at("search"), objects, false);
    const rules = { lensGrades: ["A", "B"], prior: 0.01 };
    // A finder that is not there: the command itself says so.
    learning = await Learning.open(search, {
      ...{
        dataset: at("data"),
        source: at("data"),
        finder: at("no-run"),
        settings: null,
      },
      lensGrades: rules.lensGrades,
    });
    server = await startServer({
      ...{ search, pages: readPages(), graders: ["anna", "ben"], host: "127.0.0.1", port: 0 },
      ...{ showScores: false, readOnly: false, keys: readKeys(at("keys.yaml")), learning },
      ...{ people: new People(search, rules), estimates: new Estimates(search, rules.lensGrades) },
    });
    browser = await launched();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await learning?.end();
    search?.close();
    search?.objects.domain.close();
  });
  const urlOf = (grader: string) => server.addresses.find((one) => one.grader === grader)!.url;
  const said = (grader: string) =>
    readEntries(at("search/journal.jsonl"))
      .entries.filter((one) => one.grader === grader)
      .map((one) => (one.action === "grade" ? one.grade : one.action === "tags" ? one.tags : one.action));

  test("own keys grade, and what is typed for a tag right after a grade grades nothing", async () => {
    const { page, errors, close } = await openPage(browser, urlOf("anna"));
    await page.keyboard.press("q"); // no key any more
    await page.keyboard.press("1");
    await page.keyboard.press("y");
    await page.locator("#tag:focus").waitFor();
    await page.keyboard.type(TAG);
    await page.keyboard.press("Enter");
    await expect.poll(() => page.getByRole("status").first().textContent(), { timeout }).toBe("Tags saved");
    expect(await page.getByRole("button", { name: `Remove the tag ${TAG}` }).count()).toBe(1);
    await page.keyboard.type("left alone");
    await page.keyboard.press("Escape");
    await page.keyboard.press("n");
    await expect.poll(() => page.locator(".progress").textContent(), { timeout }).toMatch(/12 of 12 graded/);
    expect(said("anna")).toEqual(["A", [TAG], "X"]);
    await page.locator("header label", { hasText: /^Tag/ }).locator("select").selectOption(TAG);
    await page.getByLabel("Show").selectOption("all");
    await expect.poll(() => page.getByRole("gridcell").count(), { timeout }).toBe(1);
    await page.keyboard.press("?");
    expect(await page.locator("dialog dt").allTextContents()).toEqual(
      expect.arrayContaining(["1", "4", "z, backspace"]),
    );
    expect(errors).toEqual([]);
    await close();
  });

  test("the survey so far, a retraining that fails, and a closed round; no accessibility rule is broken", async () => {
    const { page, errors, close } = await openPage(browser, urlOf("ben"), { colorScheme: "dark" });
    await page.keyboard.press("4");
    await expect.poll(() => page.locator(".progress").textContent(), { timeout }).toMatch(/1 of 12 graded/);
    await page.keyboard.press("n");
    await expect.poll(() => page.locator(".progress").textContent(), { timeout }).toMatch(/12 of 12 graded/);
    await page.locator("summary", { hasText: "The survey so far" }).click();
    await page.getByText("lenses in the survey").waitFor();
    await page.locator("summary", { hasText: "Retrain" }).click();
    await page.locator("summary", { hasText: "What runs" }).click();
    expect(await page.locator(".command").first().textContent()).toMatch(/^arclet train .*--from .*no-run/);
    await page.getByRole("button", { name: "Retrain", exact: true }).click();
    await page.getByText(/It failed: .*no-run.* Nothing of it was taken\./).waitFor();
    await page.locator("summary", { hasText: "Graders" }).click();
    await page.getByText("ben, round 1: 12 graded.").waitFor();
    expect(await brokenRules(page)).toEqual([]);
    await page.getByRole("button", { name: "Close round 1 …" }).click();
    await page.getByRole("button", { name: "Close round 1 for everybody" }).click();
    await page.getByText("Until round 1").waitFor();
    expect(await brokenRules(page)).toEqual([]);
    await page.getByRole("button", { name: "Show round 2" }).first().click();
    await images(page);
    // The one object on which they differ is looked at again, by both.
    await expect.poll(() => page.getByRole("gridcell").count(), { timeout }).toBe(1);
    expect(await page.getByLabel("Order").inputValue()).toBe("split");
    expect(errors).toEqual([]);
    await close();
  });

  test("on a phone, light: nothing is wider than the page, and no rule is broken", async () => {
    const phone = { viewport: { width: 390, height: 844 }, colorScheme: "light" } as const;
    const { page, errors, close } = await openPage(browser, urlOf("anna"), phone);
    for (const name of ["The survey so far", "Graders", "Retrain"])
      await page.locator("summary", { hasText: name }).first().click();
    await page.getByText("Until round 1").waitFor();
    expect(await brokenRules(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)).toBe(false);
    expect(errors).toEqual([]);
    await close();
  });
});
