/** What each rank tells the others of itself before they begin, so that ranks of two runs don't mix. */
import { hostname } from "node:os";
import { ArcletError, show } from "../../foundation/errors.ts";
import { version } from "../../foundation/version.ts";
import { torchVersion } from "../../torch/machine.ts";
import type { TrainConfig } from "../config.ts";
import { leaves } from "../run.ts";
import { RANK_KEYS } from "./config.ts";

export interface Card {
  size: number;
  host: string;
  process: number;
  /** Where it listens. */
  address: string;
  /** What must be the same on all ranks, by name. */
  alike: Record<string, string>;
}

export function cardOf(config: TrainConfig, size: number, address: string, backend: string): Card {
  const settings = [...leaves(config)].filter(([key]) => !RANK_KEYS.includes(key));
  return {
    size,
    host: hostname(),
    process: process.pid,
    address,
    alike: {
      "Arclet's version": version(),
      "libtorch's version": torchVersion(),
      backend,
      ...Object.fromEntries(settings),
    },
  };
}

/** `rank 1 (gpu07, process 1234)` */
export const rankText = (rank: number, card: Card | undefined): string =>
  card === undefined ? `rank ${rank}` : `rank ${rank} (${card.host}, process ${card.process})`;

/** @throws ArcletError naming what this rank and rank 0 differ in */
export function refuseOther(rank: number, own: Card, first: Card): void {
  if (own.size !== first.size) throw unlike(rank, "the number of ranks", own.size, first.size);
  for (const key of new Set([...Object.keys(first.alike), ...Object.keys(own.alike)])) {
    const [mine, theirs] = [own.alike[key], first.alike[key]];
    if (mine !== theirs) throw unlike(rank, key, mine ?? "not given", theirs ?? "not given");
  }
}

const unlike = (rank: number, key: string, mine: unknown, theirs: unknown): ArcletError =>
  new ArcletError({
    where: "train",
    code: "conflict",
    problem: `all ranks must be started alike: ${key} is ${plain(mine)} on rank ${rank} and ${plain(theirs)} on rank 0`,
  });

const plain = (value: unknown): string => (typeof value === "string" ? value : show(value));
