/** What a training run needs of its ranks: one decides, all learn of it; all stop together; one writes. */
import { deserialize, serialize } from "node:v8";
import { tensor, zeros } from "../../torch/create.ts";
import { addUp, spread } from "../../torch/ranks.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";
import { disposeAll } from "../model.ts";

export interface Ranks {
  readonly rank: number;
  readonly size: number;
  /** Whether this is rank 0, which decides and alone writes to the run's folder. */
  readonly leads: boolean;
  /** What rank 0 makes, on every rank. */
  share<T>(make: () => T | Promise<T>): Promise<T>;
  /** Whether it holds on any rank. */
  any(here: boolean): boolean;
  /** Rank 0's tensors by name, on all others: new ones, to be disposed. Null on rank 0. */
  state(own: () => Map<string, Tensor>): Promise<Map<string, Tensor> | null>;
}

/** A process alone. */
export const ALONE: Ranks = {
  rank: 0,
  size: 1,
  leads: true,
  share: async (make) => await make(),
  any: (here) => here,
  state: async () => null,
};

/** One of several, connected. @param device of what is sent: NCCL's is the GPU */
export class Together implements Ranks {
  readonly rank: number;
  readonly size: number;
  private readonly device: string;

  constructor(rank: number, size: number, device: string) {
    this.rank = rank;
    this.size = size;
    this.device = device;
  }

  get leads(): boolean {
    return this.rank === 0;
  }

  async share<T>(make: () => T | Promise<T>): Promise<T> {
    const bytes = this.leads ? serialize(await make()) : null;
    const length = await this.sent(tensor(BigInt64Array.of(BigInt(bytes?.length ?? 0))));
    const own = bytes === null ? zeros([length.item()], { dtype: "uint8" }) : tensor(new Uint8Array(bytes));
    length.dispose();
    const all = await this.sent(own);
    const value: T = deserialize(all.data() as Uint8Array);
    all.dispose();
    return value;
  }

  any(here: boolean): boolean {
    return tidy(() => {
      const flag = tensor(here ? 1 : 0, [1], { device: this.device });
      addUp(flag, "max");
      return flag.item() > 0;
    });
  }

  async state(own: () => Map<string, Tensor>): Promise<Map<string, Tensor> | null> {
    const { device } = this;
    const copy = (value: Tensor) => value.detach().toDevice(device).contiguous().clone();
    const mine = tidy(() => {
      const entries = this.leads ? [...own()] : [];
      const described = entries.map(([name, { shape, dtype }]) => ({ name, shape: [...shape], dtype }));
      return { described, copies: entries.map(([, value]) => copy(value)) };
    });
    const described = await this.share(() => mine.described);
    const sent = this.leads
      ? mine.copies
      : described.map(({ shape, dtype }) => zeros(shape, { dtype, device }));
    await spread(sent);
    if (!this.leads) return new Map(described.map(({ name }, i) => [name, sent[i]!]));
    disposeAll(sent);
    return null;
  }

  private async sent(own: Tensor): Promise<Tensor> {
    const here = this.device === "cpu" ? own : own.toDevice(this.device);
    if (here !== own) own.dispose();
    await spread([here]);
    return here;
  }
}
