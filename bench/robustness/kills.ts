/**
 * Kills every command that writes just before each of its changes to the disk, and at random moments; the same command again must
 * leave the bytes of an undisturbed one, apart from recorded times, and nothing half made may be taken for whole.
 *
 *   kills.ts --seed 1 --minutes 20 [--only score]
 *
 * A kill leaves what is on the disk at that time, so of all changes the folder is copied as it was before each, while one command
 * runs: all of these states are gone on from. Some of them, and moments, are reached by SIGKILL itself, which costs a start each
 * time. What is done is in build/robustness/kills/journal.jsonl, and the same call goes on from there.
 */
import { mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Draws, permutation, textKey } from "../../src/foundation/random.ts";
import { CASES, type Case } from "./cases.ts";
import {
  again,
  type Disturbance,
  disturbed,
  halfTaken,
  prepare,
  undisturbed,
  type Whole,
} from "./disturbed.ts";
import { Journal } from "./journal.ts";
import { asked, placesOf } from "./setting.ts";

interface Kill {
  readonly name: string;
  readonly seed: number;
  /** `state`: as a kill before a change would leave the folder; `change`, `moment`: killed. */
  readonly how: "state" | "change" | "moment";
  /** The change, from 1; of a moment, the time, ms. */
  readonly at: number;
  /** The changes that it makes undisturbed. */
  readonly of: number;
  /** What was wrong afterwards; "" if nothing. */
  readonly fault: string;
}

/** In each round of all commands; of those that start programs, which take tens of times as long. */
const [STATES, STATES_OF_MANY] = [8, 1];

const { seed, until, only } = asked();
const { places, standing } = await placesOf("kills");
const journal = new Journal<Kill>(join(places.scratch, "journal.jsonl"));
const cases = CASES.filter(({ name }) => name.includes(only));
const remaining = new Map<string, number[]>();

function note(one: Case, whole: Whole, how: Kill["how"], at: number, faults: readonly string[]): void {
  const fault = faults.filter((text) => text !== "").join("; ");
  journal.add({ name: one.name, seed, how, at, of: whole.changes, fault });
  if (fault !== "") console.log(`${one.name}, ${how} ${at} of ${whole.changes}: ${fault}`);
}

const copiesOf = ({ name }: Case) => join(places.scratch, "copies", name);

/** The states of a command that were not gone on from yet, in an order of the seed's. They are copied if they are not there. */
async function statesLeft(one: Case, { changes }: Whole): Promise<number[]> {
  const done = new Set(
    journal.entries.flatMap(({ name, how, at, ...kill }) =>
      name === one.name && kill.seed === seed && how === "state" ? [at] : [],
    ),
  );
  const all = Array.from(permutation(changes, textKey(seed, one.name)), (k) => k + 1);
  const left = all.filter((at) => !done.has(at));
  const copies = copiesOf(one);
  if (left.length === 0) return [];
  rmSync(copies, { recursive: true, force: true });
  mkdirSync(copies, { recursive: true });
  prepare(places, one);
  await disturbed(places, one, { kind: "change", at: 0, copies });
  const there = new Set(readdirSync(copies));
  return left.filter((at) => there.has(`${at}`));
}

async function goOn(one: Case, at: number, whole: Whole): Promise<void> {
  const copy = join(copiesOf(one), `${at}`);
  rmSync(places.work, { recursive: true, force: true });
  renameSync(copy, places.work); // with the times of its files, by which a command may know them
  note(one, whole, "state", at, [halfTaken(places, one, whole), await again(places, one, whole, standing)]);
}

async function kill(one: Case, how: Disturbance, whole: Whole): Promise<void> {
  prepare(places, one);
  const { ended, met, hung } = await disturbed(places, one, how);
  const half = halfTaken(places, one, whole);
  const after = await again(places, one, whole, standing);
  // It may have had fewer changes this time, or have ended before its moment.
  if (!met && ended.status === 0) return;
  note(one, whole, how.kind, how.kind === "change" ? how.at : how.after, [hung ? "hung" : "", half, after]);
}

for (
  let round = Math.floor(journal.entries.length / cases.length), busy = true;
  busy && performance.now() < until;
  round++
) {
  busy = false;
  // Those first of which the least was done.
  const doneOf = ({ name }: Case) => journal.entries.filter((entry) => entry.name === name).length;
  for (const one of cases.toSorted((a, b) => doneOf(a) - doneOf(b))) {
    if (performance.now() > until) break;
    const whole = await undisturbed(places, one, standing);
    const left = remaining.get(one.name) ?? (await statesLeft(one, whole));
    remaining.set(one.name, left);
    for (const at of left.splice(0, one.startsPrograms === true ? STATES_OF_MANY : STATES))
      await goOn(one, at, whole);
    busy ||= left.length > 0;
    const draws = new Draws(textKey(seed, one.name), round);
    const at = draws.integer(1, whole.changes);
    const after = Math.round(draws.uniform(50, whole.ms));
    await kill(one, draws.chance(0.5) ? { kind: "change", at } : { kind: "moment", after }, whole);
  }
}
rmSync(join(places.scratch, "copies"), { recursive: true, force: true });
standing.close();
const own = journal.entries.filter((one) => one.seed === seed);
const faults = own.filter(({ fault }) => fault !== "");
const states = own.filter(({ how }) => how === "state").length;
console.log(
  `${own.length - states} kills and ${states} states of ${new Set(own.map(({ name }) => name)).size} commands: ${faults.length} faults`,
);
process.exitCode = faults.length === 0 ? 0 : 1;
