/**
 * Builds dist/ once before the tests, so that the command-line tests run what is shipped. Type errors are printed and
 * stop no test: JavaScript is written all the same, and `npm run types` is what fails on them.
 */
import { spawnSync } from "node:child_process";

/** What tsc leaves with when it found errors and wrote its output. */
const WRITTEN_WITH_ERRORS = 2;

export default function build(): void {
  const { status } = spawnSync("npx", ["tsc", "-p", "tsconfig.build.json"], { stdio: "inherit" });
  if (status === WRITTEN_WITH_ERRORS) console.error("dist/ is built in spite of the type errors above\n");
  else if (status !== 0) throw new Error("dist/ could not be built, see above");
}
