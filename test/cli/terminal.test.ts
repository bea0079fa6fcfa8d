/** Commands on a terminal (util-linux's script makes one): stopped or broken off, they end at once and leave it as it was. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { slow } from "../slow.ts";
import { environment, program } from "./arclet.ts";

slow("starts commands that work until they are stopped");

const folder = mkdtempSync(join(tmpdir(), "arclet-terminal-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a line on a terminal; types each text once the screen shows its sign. @returns the exit code and the screen */
async function onTerminal(line: string, typing: readonly (readonly [sign: RegExp, text: string])[] = []) {
  const child = spawn("script", ["-qefc", line, "/dev/null"], { cwd: folder, env: environment() });
  let screen = "";
  const left = [...typing];
  child.stdout.on("data", (data) => {
    screen += data;
    if (left[0]?.[0].test(screen)) child.stdin.write(left.shift()![1]);
  });
  const [code] = await once(child, "exit");
  return { code, screen };
}

const asItWas = (screen: string) => {
  expect(screen.lastIndexOf("\x1b[?25l")).toBeLessThanOrEqual(screen.lastIndexOf("\x1b[?25h"));
  expect(screen.lastIndexOf("\x1b[?7l")).toBeLessThanOrEqual(screen.lastIndexOf("\x1b[?7h"));
};

const simulate = `node ${program} simulate d --count 100000 --size 21`;

test("Ctrl-C stops with one line and 130, once the images so far are saved", async () => {
  const { code, screen } = await onTerminal(simulate, [[/ [1-9]\d*\/100000 images/, "\x03"]]);
  expect(screen).toMatch(
    /arclet: interrupted: \d+ of 100000 images are in d\.partial; the same command resumes\r\n$/,
  );
  expect(code).toBe(130);
  asItWas(screen);
  expect(existsSync(join(folder, "d.partial.lock"))).toBe(false);
});

test("Ctrl-C twice stops at once", async () => {
  const { code, screen } = await onTerminal(simulate, [[/ [1-9]\d*\/100000 images/, "\x03\x03"]]);
  expect(code).toBe(130);
  asItWas(screen);
});

test("a disk without room ends it with one line and 2", async () => {
  // A file may have 200 KiB here: as a full disk, a write fails in the middle of the work.
  const { code, screen } = await onTerminal(`bash -c "ulimit -f 200; trap '' XFSZ; exec ${simulate}"`);
  expect(screen).toMatch(
    /arclet: [^\r\n]+: the file would be larger than allowed \(see ulimit -f\)(; what was made is kept [^\r\n]+)?\r\n$/,
  );
  expect(code).toBe(2);
  asItWas(screen);
});

test("standard output without room is one line and 2, not a stack", async () => {
  const { code, screen } = await onTerminal(`bash -c "node ${program} methods > /dev/full"`);
  expect(screen).toBe("arclet: standard output: no space left on the disk\r\n");
  expect(code).toBe(2);
});
