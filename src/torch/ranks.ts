/**
 * Several processes that work on the same tensors: ranks, connected by libtorch's c10d with Gloo, or NCCL on GPUs. Each calls
 * the same collectives in the same order. A process is in one group at most.
 */
import { ArcletError } from "../foundation/errors.ts";
import { isRecording } from "./autograd.ts";
import { cat, zeros } from "./create.ts";
import { native } from "./native.ts";
import { tidy } from "./scope.ts";
import { Tensor } from "./tensor.ts";

export const RANK_BACKENDS = ["gloo", "nccl"] as const;
export type RankBackend = (typeof RANK_BACKENDS)[number];

/** A process's place in its group. */
export interface Place {
  readonly rank: number;
  readonly size: number;
}

export interface Joining extends Place {
  /** Where rank 0 serves the group's store. */
  readonly host: string;
  readonly port: number;
  /** The longest that a collective may take, s; a lost rank ends it sooner. */
  readonly patience: number;
  /** After so many seconds without a sign of life a rank is taken for lost. */
  readonly silence: number;
}

/** A rank that has ended before the work was done; the reason is empty if it left without a word. */
export interface LostRank {
  readonly rank: number;
  readonly reason: string;
}

let place: Place | null = null;
let connected = false;

/** This process's place in the group that it is connected with; null without one. */
const ranks = (): Place | null => (connected ? place : null);

/** The backends that the door was built with; none without c10d or Gloo's headers. */
export const rankBackends = (): readonly string[] => native().rankBackends();

/** Joins a group's store; `connectRanks` makes collectives possible. Rank 0 serves it, and must come first. */
export function joinRanks({ host, port, rank, size, patience, silence }: Joining): void {
  native().joinRanks(host, port, rank, size, patience, silence);
  place = { rank, size };
}

/**
 * Connects every rank with every other; all call it at the same time.
 *
 * @param address of this machine, on which Gloo listens, @param networkInterface its name, in place of an address
 */
export async function connectRanks(
  backend: RankBackend,
  address: string,
  networkInterface: string | null,
): Promise<void> {
  await native().connectRanks(backend, address, networkInterface ?? "");
  connected = true;
}

/** Sets a text that every rank can read by its name. */
export const setRankText = (name: string, text: string): void => native().setRankText(name, text);
/** A text that a rank has set; null as long as none has. */
export const rankText = (name: string): string | null => native().rankText(name);
/** Adds to a count that all ranks share. @returns its new value */
export const countRank = (name: string, by: number): number => native().countRank(name, by);

/** The first rank that was lost; null if none is, as far as is known. */
export const lostRank = (): LostRank | null => (place === null ? null : native().lostRank());
/** Whether a collective has failed; no further one can succeed. */
export const collectiveFailed = (): boolean => place !== null && native().collectiveFailed();
/** Tells the others that this rank ends before the work is done, and why. */
export const tellRanks = (reason: string): void => native().tellRanks(reason);
/** Ends the watch over the other ranks, when the work is done. */
export const stopWatching = (): void => native().stopWatching();

/** Leaves the group. */
export function leaveRanks(): void {
  [place, connected] = [null, false];
  native().leaveRanks();
}

/** A tensor becomes the sum, or the greatest, of all ranks' tensors, in place. Blocks. */
export function addUp(tensor: Tensor, how: "sum" | "max" = "sum"): void {
  native().awaitCollective(native().addUp(tensor, how));
}

/** Tensors become those of rank `from`, in place. */
export async function spread(tensors: readonly Tensor[], from = 0): Promise<void> {
  const door = native();
  const numbers = tensors.map((tensor) => door.spread(tensor, from));
  for (const number of numbers) await door.whenCollected(number);
}

/** A tensor's sum over ranks, with its gradient: each rank's share gets the sum of the results' gradients. Blocks. */
export const sumOverRanks = (tensor: Tensor): Tensor => new Tensor(native().sumOverRanks(tensor));

/** How the rows of a batch are divided: each rank has a run of them. */
export interface Division {
  /** Rows in all. */
  readonly rows: number;
  /** Rows of each rank, by rank; they differ by one at most. */
  readonly counts: readonly number[];
  /** This rank's first row, and how many it has. */
  readonly from: number;
  readonly own: number;
}

/** How many rows each rank gets; null without a group, and for fewer rows than ranks. */
function divisionOf(rows: number, at: Place | null = ranks()): Division | null {
  if (at === null || rows < at.size) return null;
  const counts = Array.from({ length: at.size }, (_, r) => Math.floor((rows + at.size - 1 - r) / at.size));
  const from = counts.slice(0, at.rank).reduce((a, b) => a + b, 0);
  return { rows, counts, from, own: counts[at.rank]! };
}

let dividing: Division | null = null;

/** The division whose part this rank is computing; null for what all ranks compute alike. */
export const currentDivision = (): Division | null => dividing;

/** Parameters that backward passes add up already, by handle. */
const divided = new Set<number>();

/**
 * Computes rows one by one of a batch that every rank has as a whole: each rank does its part, and gets the others'. Gradients
 * of the parameters are added up over the ranks while a backward pass runs. Without a group, or inside another division, it
 * is a plain call.
 *
 * What follows is computed by every rank alike, so that the gradient of the results is the same everywhere, and each rank
 * takes its own rows of it.
 *
 * @param batch (B, …) the same on every rank
 * @param parameters that `compute` uses
 * @param compute (b, …) → (b, …), whose rows depend on each other by sums alone, as `sumOverRanks` takes them
 */
export function dividedRows(
  batch: Tensor,
  parameters: () => readonly Tensor[],
  compute: (rows: Tensor) => Tensor,
): Tensor {
  const at = ranks();
  if (at === null || dividing !== null) return compute(batch);
  if (isRecording()) register(parameters());
  const division = divisionOf(batch.shape[0]!);
  if (division === null) return sharedAlike(compute(batch), at.size);
  dividing = division;
  try {
    return collected(compute(batch.narrow(0, division.from, division.own)), division);
  } finally {
    dividing = null;
  }
}

function register(parameters: readonly Tensor[]): void {
  const fresh = parameters.filter((each) => !divided.has(each.handle) && each.requiresGrad);
  if (fresh.length === 0) return;
  native().divideParameters(fresh);
  for (const { handle } of fresh) divided.add(handle);
}

/** What every rank computes as a whole: its gradient will be added up, so that each gives its share. */
function sharedAlike(y: Tensor, size: number): Tensor {
  if (!isRecording()) return y;
  const value = y.detach();
  return value.add(y.sub(value).div(size));
}

/** Every rank's rows, in order. Gradients flow to this rank's own. */
function collected(own: Tensor, { counts, rows }: Division): Tensor {
  const { rank } = ranks()!;
  return tidy(() => {
    const most = Math.max(...counts);
    const lacking = most - own.shape[0]!;
    const rest = own.shape.slice(1);
    const { dtype, device } = own;
    const padded = lacking === 0 ? own : cat([own, zeros([lacking, ...rest], { dtype, device })]);
    const all = native()
      .collect(padded)
      .map((handle, r) => new Tensor(handle).narrow(0, 0, counts[r]!));
    all[rank] = own;
    const whole = cat(all);
    if (whole.shape[0] === rows) return whole;
    throw new ArcletError({
      where: "ranks",
      code: "internal",
      problem: "a rank gave another number of rows",
    });
  });
}
