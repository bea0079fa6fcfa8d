/** Settings of training by several processes. */
import { choice, text } from "../../foundation/field.ts";
import { RANK_BACKENDS } from "../../torch/ranks.ts";

export const rankFields = {
  backend: choice(
    ["auto", ...RANK_BACKENDS],
    "what connects several processes: gloo on processors, nccl on GPUs; auto takes what fits the device",
    { default: "auto" },
  ),
  interface: text(
    "network interface over which several processes talk, such as ib0 (none: the one that reaches rank 0)",
    { default: null },
  ),
};

/** Keys that may differ between ranks, and from a run that is resumed. */
export const RANK_KEYS: readonly string[] = Object.keys(rankFields);
