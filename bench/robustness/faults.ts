/**
 * Lets one change to the disk of every command that writes fail, or all from there on that need room: with ENOSPC, EIO or EINTR. It
 * must end as if nothing had happened, or with one line and an exit code, and leave nothing half made that could be taken for
 * whole; the same command again must leave the bytes of an undisturbed one.
 *
 *   faults.ts --seed 1 --minutes 20 [--only score]
 *
 * One program runs all commands, and is told by a file which change is to fail. What is done is in
 * build/robustness/faults/journal.jsonl, and the same call goes on from there.
 */
import { openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { permutation, textKey } from "../../src/foundation/random.ts";
import { words } from "../../test/cli/words.ts";
import { CASES, type Case } from "./cases.ts";
import {
  again,
  badEnd,
  COUNTER,
  compared,
  halfTaken,
  prepare,
  undisturbed,
  type Whole,
} from "./disturbed.ts";
import { filesUnder } from "./files.ts";
import { Journal } from "./journal.ts";
import { asked, placesOf } from "./setting.ts";
import { Standing } from "./standing.ts";

interface Fault {
  readonly name: string;
  readonly seed: number;
  readonly how: string;
  readonly at: number;
  readonly of: number;
  /** Whether the command ended well in spite of it. */
  readonly borne: boolean;
  readonly fault: string;
}

/** With a plus, all that follow fail too. */
const HOW = ["ENOSPC", "ENOSPC+", "EIO", "EINTR"] as const;

const { seed, until, only } = asked();
const { places, standing, stop } = await placesOf("faults");
const journal = new Journal<Fault>(join(places.scratch, "journal.jsonl"));
const cases = CASES.filter(({ name }) => name.includes(only));
const counter = join(places.scratch, "counter");
writeFileSync(counter, Buffer.alloc(COUNTER));
const failing = new Standing(join(places.scratch, "failing"), {
  ...process.env,
  LD_PRELOAD: places.library,
  ARCLET_KILL_UNDER: `${places.work}/`,
  ARCLET_KILL_COUNTER: counter,
  ARCLET_KILL_AT: "0",
});
const told = openSync(counter, "r+");

/** Says which change is to fail, counted from now. */
function tell(at: number, how: string): void {
  const bytes = Buffer.alloc(COUNTER);
  bytes.writeBigInt64LE(BigInt(at), 8);
  bytes.write(how, 16, "latin1");
  writeSync(told, bytes, 0, COUNTER, 0);
}

async function fail(one: Case, whole: Whole, at: number, how: string): Promise<void> {
  prepare(places, one);
  tell(at, how);
  const ended = await failing.run(words(one.line), places.work);
  tell(0, "");
  const borne = ended.status === 0;
  if (Object.keys(filesUnder(places.work)).some((name) => name.endsWith(".lock"))) await failing.end();
  const faults = borne
    ? [compared(filesUnder(places.work), whole)]
    : [badEnd(ended), halfTaken(places, one, whole), await again(places, one, whole, standing)];
  const fault = faults.filter((text) => text !== "").join("; ");
  journal.add({ name: one.name, seed, how, at, of: whole.changes, borne, fault });
  if (fault !== "") console.log(`${one.name}, ${how} at ${at} of ${whole.changes}: ${fault}`);
}

/** Each command's changes in an order of the seed's, each with the next way to fail. */
for (let round = 0; performance.now() < until; round++) {
  let left = false;
  for (const one of cases) {
    if (performance.now() > until) break;
    const whole = await undisturbed(places, one, standing);
    if (round >= whole.changes * HOW.length) continue;
    left = true;
    const order = permutation(whole.changes, textKey(seed, `${one.name} faults`));
    const [pass, turn] = [Math.floor(round / whole.changes), round % whole.changes];
    const at = order[turn]! + 1;
    // Each pass moves every change on to the next way, whatever the number of changes.
    const how = HOW[(CASES.indexOf(one) + turn + pass) % HOW.length]!;
    const done = journal.entries.some(
      (entry) => entry.name === one.name && entry.seed === seed && entry.at === at && entry.how === how,
    );
    if (!done) await fail(one, whole, at, how);
  }
  if (!left) break;
}
await stop();
failing.close();
const own = journal.entries.filter((one) => one.seed === seed);
const faults = own.filter(({ fault }) => fault !== "");
const borne = own.filter((one) => one.borne).length;
console.log(
  `${own.length} failures of ${new Set(own.map(({ name }) => name)).size} commands, ${borne} borne: ${faults.length} faults`,
);
process.exitCode = faults.length === 0 ? 0 : 1;
