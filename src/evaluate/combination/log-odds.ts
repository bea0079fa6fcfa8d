/** Probabilities and log odds. */

/** 1 / (1 + e⁻ᶻ) */
export const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));

/** ln(p / (1 − p)) */
export const logOdds = (p: number): number => Math.log(p / (1 - p));

/** ln(1 + eᶻ), without overflow. */
export const softplus = (z: number): number => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));

/** −[t ln σ(z) + (1 − t) ln(1 − σ(z))], in nats, without overflow. @param target t, from 0 to 1 */
export const crossEntropy = (z: number, target: number): number => softplus(z) - z * target;

/** The share of positives. */
export const shareOf = (positives: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < positives.length; i++) sum += positives[i]!;
  return sum / positives.length;
};
