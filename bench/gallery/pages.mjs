/** Pictures of pages: the candidates of `score --report`, and the page that runs a finder from a folder. */
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [folder, pictures] = process.argv.slice(2);
const finder = fileURLToPath(new URL("../../dist/finder/index.html", import.meta.url));
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
try {
  const page = await browser.newPage({ viewport: { width: 1000, height: 700 } });
  await page.goto(pathToFileURL(join(folder, "candidates.html")).href);
  await page.screenshot({ path: join(pictures, "candidates.png") });
  await page.setViewportSize({ width: 1120, height: 1000 });
  await page.goto(pathToFileURL(finder).href);
  const images = join(folder, "target", "images-00000.npy");
  await page.getByLabel("choose files").setInputFiles([join(folder, "finder.onnx"), images]);
  await page.getByRole("table").waitFor({ timeout: 300_000 });
  await page.getByRole("row").nth(1).getByRole("button").click();
  await page.getByText(/^All \d+ patches/).waitFor({ timeout: 300_000 });
  await page.screenshot({ path: join(pictures, "finder.png") });
} finally {
  await browser.close();
}
