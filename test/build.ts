/**
 * Once before the tests: builds dist/ and the pages of arclet inspect, so that the command-line tests run what is shipped,
 * and makes the folder that holds what their files share (test/tiny/runs.ts). Type errors are printed and stop no test:
 * JavaScript is written all the same, and `npm run types` is what fails on them.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** The folder of test/tiny/runs.ts. */
    tiny: string;
  }
}

/** What tsc leaves with when it found errors and wrote its output. */
const WRITTEN_WITH_ERRORS = 2;

export default function build(project: TestProject): () => void {
  const { status } = spawnSync("npx", ["tsc", "-p", "tsconfig.build.json"], { stdio: "inherit" });
  if (status === WRITTEN_WITH_ERRORS) console.error("dist/ is built despite the type errors above\n");
  else if (status !== 0) throw new Error("dist/ could not be built, see above");
  const pages = spawnSync("node", ["scripts/build-web.mjs"], { stdio: "inherit" });
  if (pages.status !== 0) throw new Error("the pages of arclet inspect could not be built, see above");
  const tiny = mkdtempSync(join(tmpdir(), "arclet-tiny-"));
  project.provide("tiny", tiny);
  return () => rmSync(tiny, { recursive: true, force: true });
}
