/** A real browser, where there is one, and what accessibility rules say of its page. */
import { existsSync } from "node:fs";
import axe from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";
import { SLOW } from "../slow.ts";

const PATHS = [
  process.env.CHROMIUM ?? "",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];
export const executablePath = PATHS.find((path) => path !== "" && existsSync(path));

/** Against hangs only, as in all tests: beside other work a page may take a minute. */
export const timeout = SLOW / 2;

export const launched = (): Promise<Browser> =>
  chromium.launch({
    timeout,
    executablePath: executablePath!,
    args: ["--no-sandbox", "--enable-unsafe-swiftshader"],
  });

/** Resolves when an image is drawn. */
export const images = (page: Page) =>
  page.waitForFunction(() => Number(document.querySelector("canvas")?.dataset.images) > 0);

/** Rules that the page breaks, each with where. */
export async function brokenRules(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const { violations } = await axe.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  });
}
