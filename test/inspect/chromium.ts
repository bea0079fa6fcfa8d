/** A real browser, where there is one, and what accessibility rules say of its page. */
import { existsSync } from "node:fs";
import axe from "axe-core";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
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

export const launched = (...args: string[]): Promise<Browser> =>
  chromium.launch({
    timeout,
    executablePath: executablePath!,
    args: ["--no-sandbox", "--enable-unsafe-swiftshader", ...args],
  });

/** Resolves when an image is drawn. */
export const images = (page: Page) =>
  page.waitForFunction(() => Number(document.querySelector("canvas")?.dataset.images) > 0);

/** Opens a grader's address, and waits for the first images. @returns the page, and what goes wrong in it */
export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(timeout);
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("dialog", (dialog) => errors.push(`dialog: ${dialog.message()}`));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  await page.goto(url);
  await images(page);
  return { page, errors, close: () => context.close() };
}

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
