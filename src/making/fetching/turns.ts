/**
 * Turns of programs that ask the same service: at most so many at a time. Who has a turn says so in a file, and renews it every few
 * seconds; one that was not renewed for a minute is of a program that ended, on whatever machine, and is taken over.
 */
import { randomUUID } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { guarded } from "../../foundation/files.ts";
import { safePoint } from "../../foundation/interrupt.ts";

/** ms */
const RENEWED_EACH = 5_000;
const GIVEN_UP_AFTER = 60_000;
const ASKED_EACH = 1_000;

/**
 * Runs `body` once there is a turn.
 *
 * @param turns how many programs may have one
 * @param onWait called once, if there is none at first
 * @param saved as in `safePoint`
 * @throws Interrupted when the user stops the wait
 */
export async function inTurn<T>(
  folder: string,
  turns: number,
  { onWait, saved }: { onWait: () => void; saved: string },
  body: () => Promise<T>,
): Promise<T> {
  guarded(folder, () => mkdirSync(folder, { recursive: true }));
  const mine = `${process.pid} ${randomUUID()}`;
  let path = taken(folder, turns, mine);
  if (path === null) onWait();
  for (let asked = 0; path === null; asked += 200) {
    await safePoint(saved);
    await new Promise((resolve) => setTimeout(resolve, 200));
    if (asked % ASKED_EACH === 0) path = taken(folder, turns, mine);
  }
  const own = path;
  const renewal = setInterval(() => renew(own, mine), RENEWED_EACH);
  renewal.unref();
  try {
    return await body();
  } finally {
    clearInterval(renewal);
    if (textOf(own) === mine) rmSync(own, { force: true });
  }
}

/** Takes a turn. @returns its file; null if there is none */
function taken(folder: string, turns: number, mine: string): string | null {
  for (let turn = 1; turn <= turns; turn++) {
    const path = join(folder, `turn-${turn}`);
    if (created(path, mine)) return path;
    if (!removedIfGivenUp(folder, path)) continue;
    if (created(path, mine)) return path;
  }
  return null;
}

function created(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    return guarded(path, () => {
      throw error;
    });
  }
}

/** Writing sets the time by the clock of the disk's own machine. */
function renew(path: string, mine: string): void {
  try {
    if (textOf(path) === mine) writeFileSync(path, mine, { flag: "r+" });
  } catch {
    // The next time, or another program takes over; two at a time for a while do no harm to files.
  }
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

/** Of programs that see a turn which was given up, one alone moves away the file; if it was another's new one, it is put back. */
function removedIfGivenUp(folder: string, path: string): boolean {
  const text = textOf(path);
  const since = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  if (since === undefined) return true;
  if (nowBy(folder) - since < GIVEN_UP_AFTER) return false;
  const away = `${path}.${randomUUID()}`;
  try {
    renameSync(path, away);
  } catch {
    return true; // another program was first
  }
  const isSame = textOf(away) === text;
  try {
    if (!isSame) linkSync(away, path);
  } catch {
    // a third program has taken it meanwhile
  }
  rmSync(away, { force: true });
  return isSame;
}

/** The time by the clock that stamps files there. */
function nowBy(folder: string): number {
  const probe = join(folder, `clock-${randomUUID()}`);
  return guarded(probe, () => {
    writeFileSync(probe, "");
    const { mtimeMs } = statSync(probe);
    rmSync(probe);
    return mtimeMs;
  });
}
