/** Builds dist/ once before the tests, so that the command-line tests run what is shipped. */
import { execFileSync } from "node:child_process";

export default function build(): void {
  execFileSync("npx", ["tsc", "-p", "tsconfig.build.json"], { stdio: "inherit" });
}
