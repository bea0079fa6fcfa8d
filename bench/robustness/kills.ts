/**
 * Kills every command that writes just before each of its changes to the disk, and at random moments; the same command again must
 * leave the bytes of an undisturbed one, apart from recorded times, and nothing half made may be taken for whole.
 *
 *   kills.ts --seed 1 --minutes 20 [--only score]
 *
 * A kill leaves what is on the disk at that time, so of all changes the folder is copied as it was before each, while one command
 * runs: all of these states are gone on from, those of the same bytes once. Changes, and moments, are met by SIGKILL itself, too, of
 * a process that is forked (forking.ts); what that left is compared to the copy. What is done is in
 * build/robustness/kills/journal.jsonl, and the same call goes on from there.
 */
import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Draws, permutation, textKey } from "../../src/foundation/random.ts";
import { words } from "../../test/cli/words.ts";
import { CASES, type Case } from "./cases.ts";
import {
  again,
  type Disturbance,
  type Disturbing,
  disturbed,
  halfTaken,
  prepare,
  undisturbed,
  type Whole,
} from "./disturbed.ts";
import { digestOf, filesUnder } from "./files.ts";
import { Forking } from "./forking.ts";
import { Journal } from "./journal.ts";
import { asked, placesOf } from "./setting.ts";
import type { Running } from "./standing.ts";
import { copyStates, type State } from "./states.ts";

interface Kill {
  readonly name: string;
  readonly seed: number;
  /** `state`: as a kill before a change would leave the folder; `change`, `moment`: killed. */
  readonly how: "state" | "change" | "moment";
  /** The change, from 1; of a moment, the time, ms. */
  readonly at: number;
  /** Of a state: other changes before which the folder has the same bytes. */
  readonly also?: readonly number[];
  /** Of a change: whether SIGKILL left the bytes of the copy made before that change. */
  readonly asCopied?: boolean;
  /** The changes that it makes undisturbed. */
  readonly of: number;
  /** What was wrong afterwards; "" if nothing. */
  readonly fault: string;
}

/** In each round of all commands; of those that start programs, which take tens of times as long. */
const [STATES, STATES_OF_MANY] = [12, 1];
const [KILLS, KILLS_OF_MANY] = [4, 1];

const { seed, until, only } = asked();
const { places, standing, stop } = await placesOf("kills");
const forking = new Forking(places);
const journal = new Journal<Kill>(join(places.scratch, "journal.jsonl"));
const cases = CASES.filter(({ name }) => name.includes(only));
/** The states of each command that are left, and the bytes of each by its change. */
const states = new Map<string, { left: State[]; digests: ReadonlyMap<number, string> }>();

/** Where a command's process is forked, unless it needs a start of its own. */
const runs = (one: Case): Running => (one.startsPrograms ? standing : forking);
const disturbing: Disturbing = (where, one, how) =>
  one.startsPrograms ? disturbed(where, one, how) : forking.disturbed(words(one.line), where.work, how);

type Found = Pick<Kill, "how" | "at" | "also" | "asCopied">;
function note(one: Case, whole: Whole, found: Found, faults: readonly string[]): void {
  const fault = faults.filter((text) => text !== "").join("; ");
  journal.add({ name: one.name, seed, ...found, of: whole.changes, fault });
  if (fault !== "") console.log(`${one.name}, ${found.how} ${found.at} of ${whole.changes}: ${fault}`);
}

const of = ({ name }: Case, how: Kill["how"]) =>
  journal.entries.filter((entry) => entry.name === name && entry.seed === seed && entry.how === how);

/** The states of a command, copied, that were not gone on from yet, in an order of the seed's. */
async function statesOf(one: Case, whole: Whole) {
  const made = await copyStates(places, one, whole, disturbing);
  const done = new Set(of(one, "state").flatMap(({ at, also = [] }) => [at, ...also]));
  const order = permutation(made.states.length, textKey(seed, one.name));
  const left = Array.from(order, (k) => made.states[k]!).filter(({ at }) => !done.has(at));
  return { left, digests: made.digests };
}

async function goOn(one: Case, { at, also, copy }: State, whole: Whole): Promise<void> {
  rmSync(places.work, { recursive: true, force: true });
  renameSync(copy, places.work); // with the times of its files, by which a command may know them
  const faults = [halfTaken(places, one, whole), await again(places, one, whole, runs(one))];
  note(one, whole, { how: "state", at, also }, faults);
}

async function kill(one: Case, how: Disturbance, whole: Whole, copied?: string): Promise<void> {
  prepare(places, one);
  const { ended, met, hung } = await disturbing(places, one, how);
  const asCopied = digestOf(filesUnder(places.work), whole.allowed) === copied;
  const half = halfTaken(places, one, whole);
  const after = await again(places, one, whole, runs(one));
  // It may have had fewer changes this time, or have ended before its moment.
  if (!met && ended.status === 0) return;
  const found: Found =
    how.kind === "change" ? { how: "change", at: how.at, asCopied } : { how: "moment", at: how.after };
  note(one, whole, found, [hung ? "hung" : "", half, after]);
}

/** The next change to kill a command at, or a moment: each change once, in an order of the seed's. */
async function nextKill(one: Case, whole: Whole, digests: ReadonlyMap<number, string>): Promise<void> {
  const [changes, moments] = [of(one, "change").length, of(one, "moment").length];
  const order = permutation(whole.changes, textKey(seed, `${one.name} kills`));
  // A change that is not met is passed over: it counts as none.
  const at = (order[(changes + missed(one)) % whole.changes] ?? 0) + 1;
  const before = journal.entries.length;
  if (moments * 3 < changes) {
    const draws = new Draws(textKey(seed, one.name), moments);
    await kill(one, { kind: "moment", after: Math.round(draws.uniform(50, whole.ms)) }, whole);
  } else await kill(one, { kind: "change", at }, whole, digests.get(at));
  if (journal.entries.length === before) misses.set(one.name, missed(one) + 1);
}
const misses = new Map<string, number>();
const missed = ({ name }: Case) => misses.get(name) ?? 0;

async function round(one: Case): Promise<boolean> {
  if (!one.startsPrograms) {
    prepare(places, one);
    await forking.warm(one.name, words(one.line), places.work);
  }
  const whole = await undisturbed(places, one, runs(one), disturbing);
  const own = states.get(one.name) ?? (await statesOf(one, whole));
  states.set(one.name, own);
  const many = one.startsPrograms === true;
  for (const state of own.left.splice(0, many ? STATES_OF_MANY : STATES)) await goOn(one, state, whole);
  const wanted = of(one, "change").length < whole.changes;
  for (let k = 0; wanted && k < (many ? KILLS_OF_MANY : KILLS); k++) {
    if (performance.now() > until) break;
    await nextKill(one, whole, own.digests);
  }
  return own.left.length > 0 || wanted;
}

for (let busy = true; busy && performance.now() < until; ) {
  busy = false;
  // Those first of which the least was done, and last those that take tens of times as long.
  const doneOf = ({ name, startsPrograms }: Case) =>
    startsPrograms ? Number.POSITIVE_INFINITY : journal.entries.filter((entry) => entry.name === name).length;
  for (const one of cases.toSorted((a, b) => (doneOf(a) < doneOf(b) ? -1 : 1))) {
    if (performance.now() > until) break;
    busy = (await round(one)) || busy;
  }
}
rmSync(join(places.scratch, "copies"), { recursive: true, force: true });
forking.close();
await stop();
const own = journal.entries.filter((one) => one.seed === seed);
const faults = own.filter(({ fault }) => fault !== "");
const gone = own.filter(({ how }) => how === "state");
console.log(
  `${own.length - gone.length} kills and ${gone.length} states of ${new Set(own.map(({ name }) => name)).size} commands: ${faults.length} faults`,
);
process.exitCode = faults.length === 0 ? 0 : 1;
