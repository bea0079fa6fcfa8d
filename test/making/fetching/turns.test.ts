/** Turns at a service: so many at a time, given back, and taken over from programs that ended. */
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { inTurn } from "../../../src/making/fetching/turns.ts";

const folder = mkdtempSync(join(tmpdir(), "arclet-turns-"));
afterAll(() => rmSync(folder, { recursive: true }));

test.each([1, 2])("at most %i at a time, and each comes to its turn", async (turns) => {
  const at = join(folder, `most-${turns}`);
  let [now, most, waited] = [0, 0, 0];
  const onWait = () => {
    waited++;
  };
  await Promise.all(
    Array.from({ length: 4 }, () =>
      inTurn(at, turns, { onWait, saved: "" }, async () => {
        most = Math.max(most, ++now);
        await new Promise((resolve) => setTimeout(resolve, 50));
        now--;
      }),
    ),
  );
  expect([most, waited]).toEqual([turns, 4 - turns]);
  expect(readdirSync(at)).toEqual([]);
});

test("a turn that was not renewed for a minute is taken over, a fresh one is not, and an error gives it back", async () => {
  const at = join(folder, "given-up");
  await inTurn(at, 1, { onWait: () => {}, saved: "" }, async () => {});
  const turn = join(at, "turn-1");
  writeFileSync(turn, "ended");
  const long = Date.now() / 1000 - 120;
  utimesSync(turn, long, long);
  let waited = false;
  const onWait = () => {
    waited = true;
    rmSync(turn);
  };
  await inTurn(at, 1, { onWait, saved: "" }, async () =>
    expect(readFileSync(turn, "utf8")).not.toBe("ended"),
  );
  expect(waited).toBe(false);
  writeFileSync(turn, "at work");
  const failing = inTurn(at, 1, { onWait, saved: "" }, async () => {
    throw new Error("broken off");
  });
  await expect(failing).rejects.toThrow("broken off");
  expect(waited).toBe(true);
  expect(existsSync(turn)).toBe(false);
});
