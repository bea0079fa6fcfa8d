/** A run's graded rows of the target: read, checked against the method, with their groups. */
import type { Method } from "../../adapt/method.ts";
import { methods } from "../../adapt/registry.ts";
import type { LabelledDomain } from "../../dataset/dataset.ts";
import type { GradedDataset } from "../../dataset/graded/graded-dataset.ts";
import { type GradedRows, openGradedRows } from "../../dataset/graded/graded-rows.ts";
import { divided } from "../../dataset/graded/held.ts";
import { ArcletError, refuse } from "../../foundation/errors.ts";
import { progress } from "../../foundation/progress.ts";
import { textKey } from "../../foundation/random.ts";
import type { TrainConfig } from "../config.ts";
import { gradingOf } from "../grading-fields.ts";
import { lensClass } from "../lens-class.ts";

export interface RunGrades {
  rows: GradedRows;
  /** Those that are trained on. */
  dataset: GradedDataset;
  /** Those that are not, for the validator; null for none. */
  held: GradedDataset | null;
}

/**
 * @throws ArcletError for grades with a method that takes none, a method that needs them without, grades without a target,
 *   and grades that don't say how they are read
 */
export function refuseIdleGrades(config: TrainConfig, method: Method): void {
  const { graded, target, gradedHeld } = config;
  if (graded === null) {
    if (method.graded === "needed")
      refuse("train", "graded", `given (${method.name} learns from grades)`, null);
    for (const key of ["gradedPositives", "gradedNegatives", "gradedSoft"] as const)
      if (config[key] !== null) refuse("train", key, "given with --graded", config[key]);
    if (gradedHeld > 0) refuse("train", "gradedHeld", "given with --graded", gradedHeld);
    return;
  }
  if (method.graded === "no") {
    const takers = methods.list.filter((one) => one.graded !== "no").map(({ name }) => name);
    throw new ArcletError({
      where: "train",
      code: "conflict",
      field: "graded",
      problem: `is given, and ${method.name} takes no grades`,
      fix: `methods that do: ${takers.join(", ")}`,
    });
  }
  if (target === null) refuse("train", "target", "given with --graded, whose rows it has", null);
  gradingOf("train", config);
}

/**
 * The graded rows of a run's target, and the others of their groups; null without grades.
 *
 * @throws ArcletError as `openGradedRows`
 */
export async function gradedRowsOf(config: TrainConfig): Promise<GradedRows | null> {
  const { graded, target, gradedAlike: alike, gradedKinds: kinds } = config;
  if (graded === null || target === null) return null;
  const bar = (label: string, total: number) => progress(label, total, "images");
  return openGradedRows(target, graded, gradingOf("train", config), { alike, kinds, bar });
}

/** @param whole all graded rows @throws ArcletError as `divided` */
export function runGrades(
  { gradedHeld, seed }: TrainConfig,
  rows: GradedRows,
  whole: GradedDataset,
): RunGrades {
  if (gradedHeld === 0) return { rows, dataset: whole, held: null };
  const { trained, held } = divided(rows, gradedHeld, textKey(seed, "held graded rows"));
  return { rows, dataset: whole.part(trained), held: whole.part(held) };
}

/** Index of the class of lenses. @throws ArcletError unless there are two classes */
export function lensOf({ classes }: LabelledDomain["info"]): 0 | 1 {
  if (classes.length !== 2)
    refuse("train", "graded", "left out unless the source has two classes: grades say lens or not", classes);
  return lensClass(classes) === 0 ? 0 : 1;
}

/** What a run's graded rows are, in words. */
export function gradedLines(
  config: TrainConfig,
  { rows, dataset, held }: RunGrades,
  target: string,
): string[] {
  const { gradedBatch, gradedBalance } = config;
  const drawn = gradedBalance === "classes" ? "each class equally often" : "every row equally often";
  const soft = rows.lens.some((p) => p > 0 && p < 1) ? " by their most probable class" : "";
  const gone = rows.left.length === 0 ? "" : ` with ${rows.left.length} other rows of their groups`;
  return [
    ...rows.notes,
    `graded: ${countsText(dataset)}${soft}, ${gradedBatch} per step, ${drawn}`,
    ...(held === null ? [] : [`graded and held, for the validator graded-auroc: ${countsText(held)}${soft}`]),
    `${target}: they leave the unlabelled target and its test${gone}`,
  ];
}

const countsText = ({ count, lenses }: GradedDataset): string =>
  `${count} rows, ${lenses} lenses and ${count - lenses} not`;
