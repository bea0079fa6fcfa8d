/** How well a validator that sees no target label tells good checkpoints from bad ones, if the truth is known. */
import { rankCorrelation } from "../rank-correlation.ts";

/** An epoch with every validator's score, and the true AUROC. */
export interface JudgedEpoch {
  readonly scores: Readonly<Record<string, number>>;
  readonly truth: number;
}

export interface ValidatorQuality {
  readonly name: string;
  /** Rank correlation with the truth in each group; null if one of the two does not vary. */
  readonly correlation: readonly (number | null)[];
  /** In each group: the best checkpoint's true AUROC minus that of the validator's choice. */
  readonly regret: readonly number[];
}

/**
 * Every validator in every group of checkpoints, the smallest mean regret first.
 *
 * @param groups checkpoints among which one is to be chosen, e.g. all epochs of all methods of an encoder and seed
 */
export function judgeValidators(groups: readonly (readonly JudgedEpoch[])[]): ValidatorQuality[] {
  const filled = groups.filter((group) => group.length > 0);
  const names = Object.keys(filled[0]?.[0]?.scores ?? {}).filter((name) =>
    filled.every((group) => group.every(({ scores }) => scores[name] !== undefined)),
  );
  const rows = names.map((name) => {
    const ofGroups = filled.map((group) => ({
      score: group.map(({ scores }) => scores[name]!),
      truth: group.map(({ truth }) => truth),
    }));
    return {
      name,
      correlation: ofGroups.map(({ score, truth }) => rankCorrelation(score, truth)),
      regret: ofGroups.map(({ score, truth }) => regret(score, truth)),
    };
  });
  const total = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  return rows.sort((a, b) => total(a.regret) - total(b.regret));
}

/** The highest truth minus the truth of the highest score (the latest of equals, as training chooses). */
export const regret = (score: readonly number[], truth: readonly number[]): number =>
  Math.max(...truth) - truth[score.lastIndexOf(Math.max(...score))]!;
