/** The folder of divided work: its plan, a folder for each whole shard, what programs say of those they are making, logs. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { guarded } from "../files.ts";
import { type Plan, readPlan } from "./plan.ts";
import { neededBy } from "./range.ts";

/** Where the shards of a result are made. */
export const shardsBeside = (out: string): string => `${out.replace(/\/+$/, "")}.shards`;

export class ShardFolder {
  readonly path: string;
  readonly plan: Plan;

  constructor(path: string, plan: Plan) {
    this.path = path;
    this.plan = plan;
  }

  /** @throws ArcletError as `readPlan` */
  static open(path: string): ShardFolder {
    return new ShardFolder(path, readPlan(path));
  }

  /** Shards by number, from 1. */
  get numbers(): number[] {
    return this.plan.shards.map((_, k) => k + 1);
  }

  /** A whole shard's folder. */
  result(shard: number): string {
    return join(this.path, "results", nameOf(shard));
  }

  isWhole(shard: number): boolean {
    return existsSync(this.result(shard));
  }

  /** Shards that are not there. */
  absent(): number[] {
    const results = join(this.path, "results");
    const whole = new Set(existsSync(results) ? guarded(results, () => readdirSync(results)) : []);
    return this.numbers.filter((shard) => !whole.has(nameOf(shard)));
  }

  /** The shards that must be whole before one can be made. */
  neededBy(shard: number): number[] {
    const { shards, rounds = [0] } = this.plan;
    return neededBy(shards, rounds, shard);
  }

  /** Where attempts at a shard are made. */
  get work(): string {
    return join(this.path, "work");
  }

  /** What the program that makes a shard says of it. */
  status(shard: number): string {
    return join(this.path, "status", `${nameOf(shard)}.json`);
  }

  get logs(): string {
    return join(this.path, "logs");
  }

  /** Is there once the shards were joined; they are then gone. */
  get merged(): string {
    return join(this.path, "merged.json");
  }

  /** Every job that was submitted, a line each. */
  get submissions(): string {
    return join(this.path, "jobs.jsonl");
  }
}

/** `0007` */
export const nameOf = (shard: number): string => String(shard).padStart(4, "0");
