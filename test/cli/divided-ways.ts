/** A command's work divided in several ways, by the command line, held against what one program makes. */
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { killedAt, killingLibrary } from "../killing.ts";
import { slow } from "../slow.ts";
import { commandLine, program, words } from "./arclet.ts";

slow("a test types a dozen commands, some of them in processes of their own");

/** SHA-256 of every file below a folder, or of a file, by path. */
export function hashesOf(path: string): Record<string, string> {
  if (!statSync(path).isDirectory())
    return { "": createHash("sha256").update(readFileSync(path)).digest("hex") };
  const names = readdirSync(path, { recursive: true, encoding: "utf8" }).sort();
  const files = names.filter((name) => statSync(join(path, name)).isFile());
  return Object.fromEntries(files.map((name) => [name, hashesOf(join(path, name))[""]!]));
}

/** `arclet` in a folder of its own below another, with a copy of what it reads there. */
export function aside(folder: string, name: string, needs: readonly string[]) {
  const cwd = join(folder, name);
  mkdirSync(cwd, { recursive: true });
  for (const need of needs)
    cpSync(join(folder, need), join(cwd, need), { recursive: true, preserveTimestamps: true });
  return { ...commandLine(cwd), cwd, at: (...names: string[]) => join(cwd, ...names) };
}

/**
 * Makes `out` by one program; then in 1 shard, in 3 shards of which the last is made first, and in 7 of which some are killed on
 * the way, and so is their joining. All must be the same to the last bit, and nothing else may be left.
 *
 * @param line a command that writes `out`, without flags about shards
 * @returns the hashes of the files
 */
export function dividedAlike(
  folder: string,
  { line, out, needs, kills = [25] }: { line: string; out: string; needs: string[]; kills?: number[] },
): Record<string, string> {
  const label = out.replace(/\W/g, "-");
  const ways = ["one", "single", "three", "seven"].map((way) => aside(folder, `${label}-${way}`, needs));
  const [one, single, three, seven] = ways as [(typeof ways)[0], ...typeof ways];
  const whole = one.done(line);
  const told = single!.done(`${line} --shards 1`);
  expect(told.stdout).toBe(whole.stdout);
  for (const shard of [3, 1, 2]) three!.done(`${line} --shard ${shard}/3`);
  three!.refused(/plan\.json: has 3 shards, not 2; give --shards 3/, `${line} --shards 2 --merge`);
  three!.done(`${line} --shards 3 --merge`);
  const library = killingLibrary();
  const typed = { words: [program, ...words(`${line} --shards 7`)], cwd: seven!.cwd };
  seven!.done(`${line} --shard 6/7`);
  for (const at of kills) expect(killedAt(library, typed, { at, under: `${out}.shards` })).toBe(true);
  expect(existsSync(seven!.at(out))).toBe(false);
  seven!.done(`${line} --shard 7/7`);
  expect(killedAt(library, typed, { at: 3, under: `${out}.partial` })).toBe(true);
  expect(existsSync(seven!.at(out))).toBe(false);
  seven!.done(`${line} --shards 7`);
  const hashes = hashesOf(one.at(out));
  for (const { cwd, at } of ways) {
    expect(hashesOf(at(out)), cwd).toEqual(hashes);
    const kept = cwd === three!.cwd ? [`${out}.shards`] : [];
    expect(readdirSync(cwd).sort()).toEqual([...needs, out, ...kept].sort());
  }
  return hashes;
}
