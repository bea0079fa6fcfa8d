#!/usr/bin/env node
/**
 * Builds the site: guides, results, decisions and the API as static pages in site/, which open from the folder and need no
 * network. A public symbol without documentation, a broken link or a page that loads anything from elsewhere fails.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const site = resolve(here, "../../site");

const typedoc = join(here, "node_modules", ".bin", "typedoc");
const { status, error } = spawnSync(typedoc, ["--options", join(here, "typedoc.json")], {
  stdio: "inherit",
  cwd: resolve(here, "../.."),
});
if (error !== undefined) console.error(`site: typedoc does not start (${error.message}); npm ci installs it`);
if (status !== 0) process.exit(status ?? 1);

const pages = readdirSync(site, { recursive: true, encoding: "utf8" }).filter((name) =>
  name.endsWith(".html"),
);
const faults = pages.flatMap((page) => faultsOf(page, readFileSync(join(site, page), "utf8")));
for (const fault of faults.slice(0, 50)) console.error(fault);
if (faults.length > 0) {
  console.error(`${faults.length} faults`);
  process.exit(1);
}
console.log(`site/index.html: ${pages.length} pages; open it from the folder`);

/** Links that lead nowhere, and what would be loaded over the network. */
function faultsOf(page, html) {
  const links = [...html.matchAll(/<(a|img|script|link|iframe|source)\b[^>]*?\b(?:href|src)="([^"]+)"/g)];
  return links.flatMap(([, tag, link]) => {
    if (/^[a-z]+:/i.test(link))
      return tag === "a" || link.startsWith("data:") ? [] : [`${page}: loads ${link}`];
    const path = decodeURIComponent(link.split("#")[0].split("?")[0]);
    return path === "" || existsSync(join(site, dirname(page), path))
      ? []
      : [`${page}: ${link} leads nowhere`];
  });
}
