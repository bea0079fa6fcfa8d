/** How well a validator that sees no target label tells good checkpoints from bad ones, where the truth is known. */

/** An epoch with every validator's score, and the true AUROC. */
export interface Judged {
  readonly scores: Readonly<Record<string, number>>;
  readonly truth: number;
}

export interface ValidatorQuality {
  readonly name: string;
  /** Rank correlation with the truth in each group; null where one of the two does not vary. */
  readonly correlation: readonly (number | null)[];
  /** In each group: the best checkpoint's true AUROC less that of the validator's choice. */
  readonly regret: readonly number[];
}

/**
 * Every validator in every group of checkpoints, that of the smallest mean regret first.
 *
 * @param groups checkpoints among which one is to be chosen, e.g. all epochs of all methods of an encoder and seed
 */
export function judgeValidators(groups: readonly (readonly Judged[])[]): ValidatorQuality[] {
  const filled = groups.filter((group) => group.length > 0);
  const names = Object.keys(filled[0]?.[0]?.scores ?? {}).filter((name) =>
    filled.every((group) => group.every(({ scores }) => scores[name] !== undefined)),
  );
  const rows = names.map((name) => {
    const of = filled.map((group) => ({
      score: group.map(({ scores }) => scores[name]!),
      truth: group.map(({ truth }) => truth),
    }));
    return {
      name,
      correlation: of.map(({ score, truth }) => rankCorrelation(score, truth)),
      regret: of.map(({ score, truth }) => regret(score, truth)),
    };
  });
  const total = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  return rows.sort((a, b) => total(a.regret) - total(b.regret));
}

/** The highest truth less the truth where the score is highest (the earliest of equals). */
export const regret = (score: readonly number[], truth: readonly number[]): number =>
  Math.max(...truth) - truth[score.indexOf(Math.max(...score))]!;

/** Spearman's rank correlation, ties by their mean rank; null where one of the two does not vary. */
export function rankCorrelation(a: readonly number[], b: readonly number[]): number | null {
  const [x, y] = [ranks(a), ranks(b)];
  const middle = (x.length - 1) / 2;
  const dot = (p: readonly number[], q: readonly number[]) =>
    p.reduce((sum, value, i) => sum + (value - middle) * (q[i]! - middle), 0);
  const scale = Math.sqrt(dot(x, x) * dot(y, y));
  return scale === 0 ? null : dot(x, y) / scale;
}

/** Ranks from 0, ties by their mean. */
export function ranks(values: readonly number[]): number[] {
  const order = [...values.keys()].sort((a, b) => values[a]! - values[b]!);
  const of = Array<number>(values.length);
  for (let i = 0; i < order.length; ) {
    let j = i;
    while (j < order.length && values[order[j]!] === values[order[i]!]) j++;
    for (let k = i; k < j; k++) of[order[k]!] = (i + j - 1) / 2;
    i = j;
  }
  return of;
}
