/** Prints `tests: N passed, N failed, N skipped` from vitest's JSON report; a file that can't load is a failure. */
import { readFileSync } from "node:fs";

const counts = { passed: 0, failed: 0, skipped: 0 };
try {
  const report = JSON.parse(readFileSync(process.argv[2], "utf8"));
  for (const file of report.testResults) {
    const states = file.assertionResults.map((test) => test.status);
    counts.passed += states.filter((state) => state === "passed").length;
    counts.skipped += states.filter((state) => !["passed", "failed"].includes(state)).length;
    const failures = states.filter((state) => state === "failed").length;
    counts.failed += file.status === "failed" && failures === 0 ? 1 : failures;
  }
} catch (error) {
  console.log(`tests: no report (${error.message})`);
  counts.failed += 1;
}
console.log(`tests: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
if (counts.failed > 0 || counts.passed === 0) process.exitCode = 1;
