/**
 * Builds the pages from web/, unless what is there is newer than all that it is made of: those of `arclet inspect` into
 * dist/web, and the one that runs a finder in the browser into dist/finder.
 *
 *   node scripts/build-web.mjs
 */
import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

const PAGES = [
  {
    folder: "web",
    out: "dist/web",
    made: [
      "web/src",
      "web/index.html",
      "web/vite.config.ts",
      "src/inspect/grades.ts",
      "src/inspect/look-keys.ts",
    ],
  },
  {
    folder: "web/finder",
    out: "dist/finder",
    made: [
      "web/finder/src",
      "web/finder/index.html",
      "web/finder/vite.config.ts",
      "web/src/draw/zscale.ts",
      "src/onnx/messages.ts",
    ],
  },
];

/** The files of a folder, or the file itself. */
function within(path) {
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}
const changed = (path) => statSync(path).mtimeMs;

for (const { folder, out, made } of PAGES) {
  const built = join(root, out, "index.html");
  const sources = [...made, "package-lock.json"].flatMap((path) => within(join(root, path)));
  if (existsSync(built) && !sources.some((path) => changed(path) > changed(built))) continue;
  const { build } = await import("vite");
  await build({ root: join(root, folder), configFile: join(root, folder, "vite.config.ts") });
}
