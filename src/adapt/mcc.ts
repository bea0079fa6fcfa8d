/**
 * MCC: minimum class confusion.
 *
 * Paper: Jin, Wang, Long, Wang 2020, arXiv:1912.03699, section 3.2, equations 2 to 6.
 *
 * 1. Ŷ = softmax(Z_t / T), T = 2.5: probabilities without overconfidence (eq. 2).
 * 2. W_i = B (1 + exp(−H(ŷ_i))) / Σ_j (1 + exp(−H(ŷ_j))): confident images count more (eq. 4).
 * 3. C = Ŷᵀ diag(W) Ŷ, each row divided by its sum (eq. 5, 6): rare classes weigh as much as common ones.
 * 4. L = (1 / K) Σ_{j ≠ j'} |C̃_jj'|: the confusion between classes.
 *
 * Our deviations: AdamW with a cosine schedule in place of SGD.
 */
import { z } from "zod";
import { decade, evenly, type Tuning } from "../foundation/tuning.ts";
import type { Tensor } from "../torch/tensor.ts";
import { Joint, jointNumbers, jointSettings, jointTuning } from "./joint.ts";
import { method } from "./method.ts";
import type { NumberDeclaration } from "./numbers.ts";

export const mccSettings = {
  temperature: z.number().positive().default(2.5).describe("T, by which logits are divided"),
};

export const mccTuning: { readonly [K in keyof typeof mccSettings]-?: Tuning } = {
  temperature: evenly(1, 4),
};

export const confusionNumber = {
  kind: "loss",
  meaning: "MCC's loss: how much the target's predictions confuse the classes, from 0 to 1",
} as const satisfies NumberDeclaration;

const schema = z.strictObject({
  ...jointSettings,
  weight: z.number().min(0).default(1).describe("weight of the class confusion"),
  ...mccSettings,
});

export const mcc = method({
  name: "mcc",
  paper: "Jin et al. 2020 (arXiv:1912.03699)",
  summary: "minimises the confusion between classes in the target's predictions, rare classes included",
  schema,
  tuning: { ...jointTuning, weight: decade, ...mccTuning },
  numbers: { ...jointNumbers, confusion: confusionNumber },
  needsTarget: true,
  graded: "optional",
  kinds: true,
  separateSource: false,
  build: ({ weight, temperature, ...settings }, context) =>
    new Joint(settings, context, {
      parts: {},
      learned: new Map(),
      loss({ zT }) {
        const confusion = lossMcc(zT, temperature);
        return { loss: confusion.mul(weight), numbers: { confusion: confusion.detach() } };
      },
    }),
});

/** zT (B, K) → the confusion between classes, from 0 to 1 */
export function lossMcc(zT: Tensor, temperature: number): Tensor {
  const [batch, classes] = zT.shape as [number, number];
  const logY = zT.div(temperature).logSoftmax(1);
  const y = logY.exp(); // (B, K)
  const certainty = y.mul(logY).sum(1).exp().add(1).detach(); // 1 + exp(−H)
  const w = certainty.div(certainty.sum()).mul(batch).unsqueeze(1); // (B, 1)
  const c = y.mul(w).transpose(0, 1).matmul(y); // (K, K)
  const normalised = c.div(c.sum(1, true));
  return normalised.sum().sub(trace(normalised)).div(classes);
}

const trace = (square: Tensor): Tensor => {
  const n = square.shape[0]!;
  // Every (n + 1)-th element of the rows laid end to end.
  return square
    .reshape([n * n])
    .slice(0, 0, n * n, n + 1)
    .sum();
};
