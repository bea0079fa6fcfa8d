/**
 * `plan.json` in the folder of divided work: the command, its settings, the version and the data that it was made for, and
 * each shard's range. Whoever makes a shard holds its own against it, so that all shards are of one piece of work.
 */
import { randomUUID } from "node:crypto";
import { existsSync, linkSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { checked } from "../errors/zod-errors.ts";
import { ArcletError, show } from "../errors.ts";
import { guarded, readJson } from "../files.ts";
import { version } from "../version.ts";

export const PLAN_FILE = "plan.json";

const whole = z.number().int().nonnegative();

const schema = z.strictObject({
  format: z.literal(1),
  /** The command's name. */
  command: z.string().min(1),
  /** The words of the command line after `arclet`, without those about shards and where they are made. */
  words: z.array(z.string()),
  /** The folder in which it was typed: paths in it are relative to that. */
  cwd: z.string(),
  /** What the joined shards become. */
  out: z.string().min(1),
  settings: z.record(z.string(), z.json()),
  /** Arclet's version. */
  arclet: z.string(),
  /** What is read, by name, each with what it is recognised by: a content hash, a version. */
  data: z.record(z.string(), z.string()),
  /** The name of a unit of work, in the plural. */
  unit: z.string(),
  units: z.number().int().positive(),
  shards: z.array(z.strictObject({ from: whole, to: whole })).min(1),
  /** The first unit of each round: a shard is made once those of the rounds before its own are. Left out for one round. */
  rounds: z.array(whole).optional(),
});

export type Plan = z.output<typeof schema>;

/** @throws ArcletError when there is none, or it is of another format */
export function readPlan(folder: string): Plan {
  const path = join(folder, PLAN_FILE);
  if (!existsSync(path))
    throw new ArcletError({
      where: folder,
      code: "absent",
      problem: `holds no divided work (it has no ${PLAN_FILE})`,
    });
  return checked(path, schema, readJson(path), { code: "broken" });
}

/**
 * Writes the plan, or takes the one that is there.
 *
 * @throws ArcletError when that one is of another version, other settings, changed data, or another number of shards
 */
export function agreedPlan(folder: string, now: Omit<Plan, "format" | "arclet">): Plan {
  const plan: Plan = { format: 1, arclet: version(), ...now };
  const path = join(folder, PLAN_FILE);
  // Several programs may begin at once: the first one's plan counts. A link appears with all of its text, or not at all.
  const own = join(folder, `.plan-${randomUUID()}`);
  guarded(path, () => mkdirSync(folder, { recursive: true }));
  if (!existsSync(path)) {
    try {
      guarded(path, () => writeFileSync(own, `${JSON.stringify(plan, null, 2)}\n`, { flag: "wx" }));
      linkSync(own, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    } finally {
      rmSync(own, { force: true });
    }
  }
  const was = readPlan(folder);
  refuseOther(path, folder, was, plan);
  return was;
}

function refuseOther(path: string, folder: string, was: Plan, now: Plan): void {
  const other = (problem: string, fix = `remove ${folder} to begin again`) => {
    throw new ArcletError({ where: path, code: "conflict", problem, fix });
  };
  if (was.arclet !== now.arclet)
    other(
      `was made by Arclet ${was.arclet}, and this is ${now.arclet}, whose results may differ`,
      `finish it with that version, or remove ${folder}`,
    );
  if (was.command !== now.command)
    other(`is the plan of arclet ${was.command}, not of arclet ${now.command}`);
  if (was.shards.length !== now.shards.length)
    other(
      `has ${was.shards.length} shards, not ${now.shards.length}`,
      `give --shards ${was.shards.length}, or remove ${folder} to begin again`,
    );
  for (const key of keysOf(was.settings, now.settings)) {
    const [before, after] = [was.settings[key], now.settings[key]];
    if (JSON.stringify(before) !== JSON.stringify(after))
      other(`was made with ${key} ${show(before)}, now ${show(after)}`);
  }
  for (const name of keysOf(was.data, now.data))
    if (was.data[name] !== now.data[name])
      other(
        now.data[name] === undefined
          ? `was made with ${name}, which is gone`
          : was.data[name] === undefined
            ? `was made without ${name}`
            : `${name} has changed since (${short(was.data[name])}, now ${short(now.data[name])})`,
      );
  if (JSON.stringify(was.shards) !== JSON.stringify(now.shards)) other("divides the work in another way");
}

const keysOf = (a: object, b: object): string[] => [...new Set([...Object.keys(a), ...Object.keys(b)])];

const short = (text: string): string => (/^[0-9a-f]{32,}$/.test(text) ? text.slice(0, 12) : text);
