import { afterAll, afterEach, beforeEach, expect, test, vi } from "vitest";
import { duration, endBars, progress, showProgress } from "../../src/foundation/progress.ts";

let lines: string[];
beforeEach(() => {
  lines = [];
  showProgress();
  vi.useFakeTimers();
  vi.spyOn(process.stderr, "write").mockImplementation((text) => lines.push(String(text)) > 0);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** Whether standard error is a terminal. */
function terminal(is: boolean): void {
  Object.defineProperty(process.stderr, "isTTY", { value: is, configurable: true });
}
const was = process.stderr.isTTY;
afterAll(() => terminal(was));

test("without a terminal a plain line comes every five seconds, with rate and time left", () => {
  terminal(false);
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
});

test("a program that uses the library hears nothing unless it asks", () => {
  terminal(false);
  showProgress(false);
  const bar = progress("simulate", 100, "images");
  vi.advanceTimersByTime(6000);
  bar.tick(50);
  bar.done();
  expect(lines).toEqual([]);
});

test("units done before a run was resumed are shown but not counted in its rate", () => {
  terminal(false);
  const bar = progress("train", 100, "steps", 80);
  vi.advanceTimersByTime(5000);
  bar.tick(10, "loss 0.31");
  expect(lines).toEqual(["train 90/100 steps | 2.00/s | 5 s left loss 0.31\n"]);
  bar.done();
  expect(lines).toHaveLength(1);
});

test("work that makes no headway has no rate and no time left", () => {
  terminal(false);
  const bar = progress("fetch", 300, "cutouts");
  vi.advanceTimersByTime(5000);
  bar.tick(0);
  expect(lines).toEqual(["fetch 0/300 cutouts | -/s | - left\n"]);
  vi.advanceTimersByTime(5000);
  bar.skip(100);
  expect(lines.at(-1)).toBe("fetch 100/300 cutouts | -/s | - left\n");
  // 20 of the 200 that are not there in 20 seconds: 180 more take 180.
  vi.advanceTimersByTime(10_000);
  bar.tick(20);
  expect(lines.at(-1)).toBe("fetch 120/300 cutouts | 1.00/s | 3 min 00 s left\n");
});

test("durations are written for people", () => {
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

test("on a terminal the bar is drawn, with its rate and note", () => {
  terminal(true);
  const bar = progress("simulate", 10, "images");
  vi.advanceTimersByTime(1000);
  bar.tick(5, "loss 0.5");
  vi.advanceTimersByTime(1000);
  bar.done();
  expect(lines.join("")).toMatch(/simulate █{20}░{20} 5\/10 images \| 5\.00\/s \| 1 s left loss 0\.5/);
});

test("bars that failed work left are ended, and no timer keeps the program alive", () => {
  terminal(true);
  const left = progress("simulate", 10, "images");
  left.tick(3);
  progress("score", 5, "images"); // the terminal has room for one
  expect(vi.getTimerCount()).toBe(1);
  endBars();
  expect(vi.getTimerCount()).toBe(0);
  left.tick(1);
  left.done();
  expect(vi.getTimerCount()).toBe(0);
  const drawn = lines.join("");
  expect(drawn).not.toContain("\x1b[?25l"); // the cursor is never hidden
  expect(drawn.lastIndexOf("\x1b[?7h")).toBeGreaterThan(drawn.lastIndexOf("\x1b[?7l")); // long lines wrap again
});
