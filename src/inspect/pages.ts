/** The pages that the browser shows, read once: no request names a file on the disk. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { extname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { ArcletError } from "../foundation/errors.ts";
import { guarded } from "../foundation/files.ts";

export interface PageFile {
  type: string;
  bytes: Uint8Array<ArrayBuffer>;
}

/** Where set-up builds them, from `src/inspect` and from `dist/inspect` alike. */
const BUILT = fileURLToPath(new URL("../../dist/web", import.meta.url));

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** Files by the path that a browser asks for. @throws ArcletError when they are not built */
export function readPages(folder = BUILT): ReadonlyMap<string, PageFile> {
  if (!existsSync(join(folder, "index.html")))
    throw new ArcletError({
      where: folder,
      code: "machine",
      problem: "the pages of arclet inspect are not built",
      fix: "run npm run setup",
    });
  const names = guarded(folder, () => readdirSync(folder, { recursive: true, encoding: "utf8" }));
  const files = names.flatMap((name) => {
    const type = TYPES[extname(name)];
    if (type === undefined) return [];
    const bytes = Uint8Array.from(readFileSync(join(folder, name)));
    return [[`/${name.split(sep).join("/")}`, { type, bytes }] as const];
  });
  return new Map([...files, ["/", new Map(files).get("/index.html")!]]);
}
