/**
 * Builds the pages of `arclet inspect` from web/ into dist/web, unless what is there is newer than all that it is made of.
 *
 *   node scripts/build-web.mjs
 */
import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const built = join(root, "dist", "web", "index.html");

const within = (folder) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
const sources = [
  ...within("web/src"),
  ...[
    "web/index.html",
    "web/vite.config.ts",
    "src/inspect/grades.ts",
    "src/inspect/look-keys.ts",
    "package-lock.json",
  ].map((name) => join(root, name)),
];
const changed = (path) => statSync(path).mtimeMs;

if (!existsSync(built) || sources.some((path) => changed(path) > changed(built))) {
  const { build } = await import("vite");
  await build({ root: join(root, "web") });
}
