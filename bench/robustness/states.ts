/** The folder of a command as a kill before each of its changes to the disk would leave it. */
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Case } from "./cases.ts";
import { type Disturbing, type Places, prepare, type Whole } from "./disturbed.ts";
import { digestOf, filesUnder } from "./files.ts";

export interface State {
  /** The first change before which the folder was so, from 1. */
  readonly at: number;
  /** The others before which it has the same bytes: to be synced changes none. */
  readonly also: readonly number[];
  /** Where it is copied. */
  readonly copy: string;
}

/** Runs a command once, which is copied before each change. @returns its different states; what tells them apart, by change */
export async function copyStates(
  places: Places,
  one: Case,
  whole: Whole,
  disturbing: Disturbing,
): Promise<{ states: State[]; digests: ReadonlyMap<number, string> }> {
  const copies = join(places.scratch, "copies", one.name);
  rmSync(copies, { recursive: true, force: true });
  mkdirSync(copies, { recursive: true });
  prepare(places, one);
  await disturbing(places, one, { kind: "change", at: 0, copies });
  const digests = new Map<number, string>();
  const alike = new Map<string, number[]>();
  for (const at of readdirSync(copies)
    .map(Number)
    .sort((a, b) => a - b)) {
    const copy = join(copies, `${at}`);
    const files = filesUnder(copy);
    digests.set(at, digestOf(files, whole.allowed));
    const same = digestOf(files, {});
    const group = alike.get(same);
    if (group === undefined) alike.set(same, [at]);
    else {
      group.push(at);
      rmSync(copy, { recursive: true, force: true });
    }
  }
  const states = [...alike.values()].map(([at, ...also]) => ({ at: at!, also, copy: join(copies, `${at}`) }));
  return { states, digests };
}
