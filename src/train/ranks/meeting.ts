/** How ranks come together, and how they part: in the end, or when one of them is lost. */
import { foreignError } from "../../foundation/errors/foreign.ts";
import { ArcletError, Interrupted, oneLine, refuse } from "../../foundation/errors.ts";
import { safePoint, stopTogether } from "../../foundation/interrupt.ts";
import { showProgress } from "../../foundation/progress.ts";
import { deviceNamed, machine, setThreads } from "../../torch/machine.ts";
import {
  collectiveFailed,
  connectRanks,
  countRank,
  joinRanks,
  leaveRanks,
  lostRank,
  type RankBackend,
  rankBackends,
  rankText as readText,
  setRankText,
  stopWatching,
  tellRanks,
} from "../../torch/ranks.ts";
import type { TrainConfig } from "../config.ts";
import { ARRIVAL, addressOf, isLoopback, reached, refuseLoopback, refuseTakenPort } from "./address.ts";
import { type AskedRanks, askedRanks } from "./asked.ts";
import { type Card, cardOf, rankText, refuseOther } from "./card.ts";
import { Together } from "./ranks.ts";

/** Without a sign of life for so long a rank is lost, s. A thread of its own gives them, whatever else a rank does. */
const SILENCE = 15;
/** The longest that living ranks wait for each other, s: rank 0 may write a large checkpoint to a slow disk. */
const PATIENCE = 1800;
const PAUSE_MS = 50;

/**
 * Runs `body` as one of several ranks, if this process is one; else alone.
 *
 * @param body gets null alone, and the device of this rank's own otherwise
 * @throws ArcletError for ranks that are not alike or don't come, and when one is lost, with its name
 */
export async function amongRanks<T>(
  config: TrainConfig,
  body: (ranks: Together | null, device: string) => Promise<T>,
): Promise<T> {
  const asked = askedRanks(process.env);
  if (asked === null) return await body(null, config.device);
  const meeting = new Meeting(asked, config);
  try {
    const result = await body(await meeting.begin(), meeting.device);
    await meeting.end();
    return result;
  } catch (error) {
    throw await meeting.broken(error);
  }
}

/** Another rank has ended before the work was done. */
class RankLost extends ArcletError {}

class Meeting {
  readonly device: string;
  private readonly asked: AskedRanks;
  private readonly config: TrainConfig;
  private readonly backend: RankBackend;
  private readonly cards: Card[] = [];
  private joined = false;
  private began = false;

  constructor(asked: AskedRanks, config: TrainConfig) {
    // Only errors: libtorch's own words are for its developers.
    process.env.TORCH_CPP_LOG_LEVEL ??= "ERROR";
    this.asked = asked;
    this.config = config;
    this.device = deviceOfRank(config.device, asked.localRank);
    this.backend = backendFor(String(config.backend), this.device);
  }

  /** Connects with the other ranks, once all are there and alike. */
  async begin(): Promise<Together> {
    const { asked, backend, config } = this;
    const named = networkInterface(config);
    const own = await this.arrive(named !== null);
    setRankText(`card/${asked.rank}`, JSON.stringify(own));
    const first = await this.cardOf(0);
    refuseOther(asked.rank, own, first);
    for (let rank = 0; rank < asked.size; rank++) this.cards.push(await this.cardOf(rank));
    // One that has refused would be waited for in vain.
    setRankText(`alike/${asked.rank}`, "");
    for (let rank = 0; rank < asked.size; rank++) await this.textOf(rank, "alike");
    if (named === null && new Set(this.cards.map(({ host }) => host)).size > 1 && isLoopback(own.address))
      refuseLoopback(asked, own.address);
    this.shareCores(own);
    await connectRanks(backend, own.address, named).catch((error: unknown) => {
      throw foreignError("train", error, "failed", (reason) => `the ranks can't connect (${reason})`);
    });
    stopTogether(true);
    this.began = true;
    if (asked.rank > 0) showProgress(false);
    return new Together(asked.rank, asked.size, backend === "nccl" ? this.device : "cpu");
  }

  private async arrive(named: boolean): Promise<Card> {
    const { asked } = this;
    const { rank, size, port, localSize } = asked;
    const address = await addressOf(asked, localSize !== null && localSize < size, named);
    if (rank === 0) await refuseTakenPort(asked);
    const own = rank === 0 ? address : await reached(asked, address);
    joinRanks({ host: address, port, rank, size, patience: PATIENCE, silence: SILENCE });
    this.joined = true;
    if (countRank(`claim/${rank}`, 1) > 1)
      refuse("train", "the rank", "another one for each process", `${rank} twice`, "conflict");
    return cardOf(this.config, size, own, this.backend);
  }

  private cardOf = async (rank: number): Promise<Card> => JSON.parse(await this.textOf(rank, "card"));

  /** What a rank has set, as soon as it has. */
  private async textOf(rank: number, what: "card" | "alike"): Promise<string> {
    for (const until = performance.now() + ARRIVAL * 1000; performance.now() < until; ) {
      const text = readText(`${what}/${rank}`);
      if (text !== null) return text;
      const lost = lostRank();
      if (lost !== null) throw this.lostText(lost);
      await safePoint("nothing was written");
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    return refuse("train", `rank ${rank}`, `started within ${ARRIVAL} s`, "no sign of it", "service");
  }

  /** Ranks of one machine share its cores, unless someone has said how (Slurm gives each task its own). */
  private shareCores(own: Card): void {
    const { ARCLET_THREADS, OMP_NUM_THREADS, SLURM_STEP_ID } = process.env;
    const here = this.cards.filter(({ host }) => host === own.host).length;
    if ((ARCLET_THREADS ?? OMP_NUM_THREADS ?? SLURM_STEP_ID) !== undefined || here === 1) return;
    setThreads(Math.max(1, Math.floor(machine().threads / here)));
  }

  /** All have done their work: rank 0, which serves the store, goes last. */
  async end(): Promise<void> {
    const { rank, size } = this.asked;
    stopTogether(false);
    let here = countRank("done", 1);
    while (here < size) {
      const lost = lostRank();
      if (lost !== null) throw this.lostText(lost);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      here = countRank("done", 0);
    }
    stopWatching();
    let gone = countRank("gone", 1);
    for (const until = performance.now() + 10_000; rank === 0 && gone < size && performance.now() < until; ) {
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      gone = countRank("gone", 0);
    }
    leaveRanks();
  }

  /** What to say of an error: this rank's own, of which the others are told, or that another rank is lost. */
  async broken(error: unknown): Promise<unknown> {
    stopTogether(false);
    // All stop together once they have begun.
    if (!this.joined || (this.began && error instanceof Interrupted)) return error;
    const told = await this.reason(error);
    await this.linger();
    return told;
  }

  private async reason(error: unknown): Promise<unknown> {
    if (error instanceof RankLost) return error;
    if (!collectiveFailed() && lostRank() === null) {
      tellRanks(oneLine(error instanceof ArcletError ? error.reason : String(error)));
      return error;
    }
    for (const until = performance.now() + (SILENCE + 10) * 1000; performance.now() < until; ) {
      const lost = lostRank();
      if (lost !== null) return this.lostText(lost, error);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    return foreignError("train", error, "failed", (reason) => `the ranks have lost each other (${reason})`);
  }

  /** The store ends with rank 0: it stays until the others know what happened, who may only be starting. */
  private async linger(): Promise<void> {
    const { rank, size } = this.asked;
    for (
      const until = performance.now() + (this.began ? 3000 : SILENCE * 1000);
      rank === 0 && performance.now() < until;
    ) {
      if (countRank("seen", 0) >= size - 1) return;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  private lostText({ rank, reason }: { rank: number; reason: string }, cause?: unknown): ArcletError {
    const name = rankText(rank, this.cards[rank]);
    const problem = reason === "" ? `${name} is gone without a word` : `${name} ended: ${reason}`;
    const fix = "start all ranks again, with --resume; what is saved is continued";
    return new RankLost({ where: "train", code: "failed", problem, ...(this.began && { fix }) }, { cause });
  }
}

const networkInterface = (config: TrainConfig): string | null =>
  config.interface ?? process.env.GLOO_SOCKET_IFNAME ?? null;

/** A rank's own GPU, unless a device is named. Where each rank sees one GPU alone, as by Slurm, that is its first. */
function deviceOfRank(device: string, localRank: number): string {
  if (device === "cpu" || device.includes(":")) return device;
  if (device === "auto" && !machine().cuda) return "cpu";
  const visible = process.env.CUDA_VISIBLE_DEVICES?.split(",").length;
  return deviceNamed(`cuda:${visible === undefined ? localRank : localRank % visible}`);
}

/** @throws ArcletError for NCCL without a GPU, and a door without the backend */
function backendFor(backend: string, device: string): RankBackend {
  const gpu = device.startsWith("cuda");
  if (backend === "nccl" && !gpu)
    refuse(
      "train",
      "backend",
      "gloo, since NCCL connects GPUs and this rank computes on the processor",
      backend,
    );
  const built = rankBackends();
  const wanted = backend === "auto" ? (gpu && built.includes("nccl") ? "nccl" : "gloo") : backend;
  if (built.includes(wanted)) return wanted as RankBackend;
  throw new ArcletError({
    where: "train",
    code: "machine",
    problem: `the door to libtorch was built without ${wanted}, which connects several processes`,
    fix: wanted === "gloo" ? "run: apt-get install libgloo-dev && npm run setup" : "give --backend gloo",
  });
}
