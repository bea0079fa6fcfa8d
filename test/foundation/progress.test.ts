import { spawnSync } from "node:child_process";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { duration, progress } from "../../src/foundation/progress.ts";

let lines: string[];
beforeEach(() => {
  lines = [];
  vi.useFakeTimers();
  vi.spyOn(process.stderr, "write").mockImplementation((text) => lines.push(String(text)) > 0);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const terminal = process.stderr.isTTY;

test.skipIf(terminal)(
  "without a terminal a plain line comes every five seconds, with rate and time left",
  () => {
    const bar = progress("simulate", 1000, "images");
    for (let i = 0; i < 12; i++) {
      vi.advanceTimersByTime(1000);
      bar.tick(50);
    }
    expect(lines).toEqual([
      "simulate 250/1000 images | 50.0/s | 15 s left\n",
      "simulate 500/1000 images | 50.0/s | 10 s left\n",
    ]);
    bar.done();
    expect(lines.at(-1)).toBe("simulate 600/1000 images | 50.0/s | 8 s left\n");
  },
);

test.skipIf(terminal)("what a resumed run found done is shown but not counted in its rate", () => {
  const bar = progress("train", 100, "steps", 80);
  vi.advanceTimersByTime(5000);
  bar.tick(10, "loss 0.31");
  expect(lines).toEqual(["train 90/100 steps | 2.00/s | 5 s left loss 0.31\n"]);
  bar.done();
  expect(lines).toHaveLength(1);
});

test("durations read as a person says them", () => {
  expect([0.4, 59.4, 59.6, 200, 3599, 7500].map(duration)).toEqual([
    "0 s",
    "59 s",
    "1 min 00 s",
    "3 min 20 s",
    "59 min 59 s",
    "2 h 05 min",
  ]);
  expect(duration(-3)).toBe("0 s");
});

test("on a terminal the bar is drawn, with its rate", () => {
  // script(1) gives the child a terminal of its own.
  const script = `import("./dist/foundation/progress.js").then(({ progress }) => {
    const bar = progress("simulate", 10, "images");
    bar.tick(10, "loss 0.5");
    bar.done();
  });`;
  const run = spawnSync("script", ["-qec", `node -e '${script}'`, "/dev/null"], { encoding: "utf8" });
  expect(run.stdout).toMatch(/simulate [█░]+ 10\/10 images \| \S+\/s \| 0 s left loss 0\.5/);
});
