/** Chromium, where it is installed, and pages in it whose errors a test can look at. */
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
/** Undefined where there is none. */
export const chromiumPath = PATHS.find((path) => path !== "" && existsSync(path));
/** Against hangs only, as in all tests: beside other work a page may take a minute. */
export const timeout = SLOW / 2;

export const startChromium = (): Promise<Browser> =>
  chromium.launch({
    timeout,
    executablePath: chromiumPath!,
    args: ["--no-sandbox", "--enable-unsafe-swiftshader"],
  });

/** Opens a grader's address, and waits for the first images. */
export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(timeout);
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("dialog", (dialog) => errors.push(`dialog: ${dialog.message()}`));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  await page.goto(url);
  await imagesOf(page);
  return { page, errors, close: () => context.close() };
}

export const imagesOf = (page: Page) =>
  page.waitForFunction(() => Number(document.querySelector("canvas")?.dataset.images) > 0);

/** What accessibility rules say of a page as it is now. */
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
