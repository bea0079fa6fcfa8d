/**
 * Hosts measured by the programs that make shards: all need all hosts' measurements, since which are painted, and how groups are
 * split, follows from the whole. They are measured in blocks, each once, by whoever comes first, and kept beside the shards.
 */
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import type { SetAside } from "../../dataset/set-aside.ts";
import type { Identity } from "../../dataset/unfinished.ts";
import { guarded } from "../../foundation/files.ts";
import { JsonLog, jsonLines } from "../../foundation/json-lines.ts";
import { type Progress, progress } from "../../foundation/progress.ts";
import { dividedInto, type UnitRange } from "../../foundation/shards/range.ts";
import type { PaintConfig } from "./config.ts";
import { type Deflector, deflectorsIn, type Hosts, type MeasuredHosts } from "./hosts.ts";

/** What a program measures in some seconds. */
const IN_BLOCK = 2048;

type Line = { deflector: Deflector } | { setAside: SetAside };

interface Blocks {
  /** For the blocks. */
  folder: string;
  /** What the measurements depend on: blocks of another one are measured again. */
  identity: Identity;
  /** Which part of the hosts to begin with, from 0 to below 1: programs that begin together then share the work. */
  begin: number;
  /** Hosts of a block. */
  inBlock?: number;
}

/** Measures what nobody has measured. @throws Interrupted when the user stops it */
export async function measuredInBlocks(
  hosts: Hosts,
  config: PaintConfig,
  { folder, identity, begin, inBlock = IN_BLOCK }: Blocks,
): Promise<MeasuredHosts> {
  const key = JSON.stringify(identity);
  const units = hosts.rows.length;
  const ranges = dividedInto({ units, unit: "hosts" }, Math.ceil(units / inBlock));
  const blocks = ranges.map((range, k) => ({
    range,
    path: join(folder, `measured-${String(k).padStart(5, "0")}.jsonl`),
  }));
  guarded(folder, () => mkdirSync(folder, { recursive: true }));
  const first = Math.floor(begin * blocks.length);
  let bar: Progress | undefined;
  for (const { range, path } of [...blocks.slice(first), ...blocks.slice(0, first)]) {
    if (isOf(path, key)) continue;
    bar ??= progress("measure", units, "hosts");
    await measureBlock(hosts, config, range, path, key, bar);
  }
  bar?.done();
  const all: MeasuredHosts = { deflectors: [], setAside: [] };
  for (const { path } of blocks)
    for (const { value } of afterFirst(path)) {
      if ("deflector" in value) all.deflectors.push(value.deflector);
      else all.setAside.push(value.setAside);
    }
  return all;
}

async function measureBlock(
  hosts: Hosts,
  config: PaintConfig,
  range: UnitRange,
  path: string,
  key: string,
  bar: Progress,
): Promise<void> {
  const saved = "hosts that were measured are kept; the same command resumes";
  const { deflectors, setAside } = await deflectorsIn(hosts, config, bar, range, saved);
  const scratch = `${path}.${randomUUID()}.partial`;
  const log = new JsonLog(scratch);
  try {
    log.add(key);
    for (const deflector of deflectors) log.add({ deflector } satisfies Line);
    for (const entry of setAside) log.add({ setAside: entry } satisfies Line);
    log.flush();
    log.sync();
  } finally {
    log.close();
  }
  guarded(path, () => renameSync(scratch, path));
}

function isOf(path: string, key: string): boolean {
  if (!existsSync(path)) return false;
  for (const { value } of jsonLines(path, "refuse", (line) => line)) return value === key;
  return false;
}

function* afterFirst(path: string): Generator<{ value: Line }, void> {
  let isFirst = true;
  for (const line of jsonLines(path, "refuse", (value) => value as Line)) {
    if (!isFirst) yield line;
    isFirst = false;
  }
}
