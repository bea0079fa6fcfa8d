/** Kinds of the class that is no lens (ring, merger, spiral …): which outputs a run's network has for them, and the rows' own. */
import type { Method } from "../../adapt/method.ts";
import { methods } from "../../adapt/registry.ts";
import type { Dataset } from "../../dataset/dataset.ts";
import type { GradedDataset } from "../../dataset/graded/graded-dataset.ts";
import { ArcletError, refuse } from "../../foundation/errors.ts";
import { tensor } from "../../torch/create.ts";
import type { Tensor } from "../../torch/tensor.ts";
import type { TrainConfig } from "../config.ts";
import { lensClass } from "../lens-class.ts";
import type { ModelInfo } from "../model.ts";

/** The outputs of a network whose classes have kinds, in their order. */
export type Outputs = NonNullable<ModelInfo["outputs"]>;

/** More values than this are no kinds. */
const MOST = 50;
/** At most this many are named in a message. */
const SHOWN = 3;

/** @throws ArcletError for kinds with a method that doesn't learn them, and for graded kinds without grades */
export function refuseIdleKinds(config: TrainConfig, method: Method): void {
  const field = (["classesBy", "gradedKinds"] as const).find((key) => config[key] !== null);
  if (field === undefined) return;
  if (config.gradedKinds !== null && config.graded === null)
    refuse("train", "gradedKinds", "given with --graded", config.gradedKinds);
  if (method.kinds === true) return;
  const takers = methods.list.filter(({ kinds }) => kinds === true).map(({ name }) => name);
  throw new ArcletError({
    where: "train",
    code: "conflict",
    field,
    problem: `is given, and ${method.name} learns no kinds`,
    fix: `methods that do: ${takers.join(", ")}`,
  });
}

/**
 * The kind of each of a source's rows, one after the other of several datasets; null of one without.
 *
 * @throws ArcletError for a dataset without that column
 */
export function kindsOf(
  datasets: readonly { folder: string; dataset: Dataset }[],
  column: string,
): (string | null)[] {
  return datasets.flatMap(({ folder, dataset: { table, count } }) => {
    if (!table.has(column)) refuse(folder, "classesBy", `a column of its table, such as kind`, column);
    const values = table.column(column);
    return Array.from({ length: count }, (_, row) => {
      const text = String(values[row] ?? "").trim();
      return text === "" ? null : text;
    });
  });
}

/** What a run's kinds are of. */
export interface Kinded {
  classes: readonly string[];
  /** Of the source's rows that are trained on: class indices, and kinds; null if it names none. */
  source: { labels: ArrayLike<number>; kinds: readonly (string | null)[] } | null;
  graded: Pick<GradedDataset, "kinds" | "classes"> | null;
}

/**
 * The outputs for all kinds that the source's rows and graded ones name, but of lenses; null if none is named.
 *
 * @throws ArcletError for other than two classes, fewer than two kinds, or so many that they are none
 */
export function outputsOf({ classes, source, graded }: Kinded): Outputs | null {
  if (source === null && graded === null) return null;
  if (classes.length !== 2)
    refuse(
      "train",
      source === null ? "gradedKinds" : "classesBy",
      "left out unless there are two classes",
      classes,
    );
  const lens = lensClass(classes);
  const named = new Set<string>();
  const add = (labels: ArrayLike<number>, kinds: readonly (string | null)[]) => {
    for (const [i, kind] of kinds.entries()) if (kind !== null && labels[i] !== lens) named.add(kind);
  };
  if (source !== null) add(source.labels, source.kinds);
  if (graded !== null) add(graded.classes, graded.kinds);
  if (named.size < 2 || named.size > MOST)
    throw new ArcletError({
      where: "train",
      code: "conflict",
      problem:
        `rows that are no lenses name ${named.size} kind${named.size === 1 ? "" : "s"} ` +
        `(${[...named].slice(0, SHOWN).join(", ")}${named.size > SHOWN ? " …" : ""}), and 2 to ${MOST} make sense`,
      fix: "give a column of kinds (--classes-by, --graded-kinds), or none",
    });
  const kinds = [...named].sort();
  return classes.flatMap(
    (name, k): Outputs =>
      k === lens ? [{ class: name, kind: null }] : kinds.map((kind) => ({ class: name, kind })),
  );
}

/** The class index of each output. */
export const classOf = (outputs: Outputs, classes: readonly string[]): number[] =>
  outputs.map((output) => classes.indexOf(output.class));

/**
 * Which outputs each row admits: all but those of other kinds of its class. A kind without an output is as none.
 *
 * @param labels class indices (B), @param kinds of the same rows → (B, O) float32
 */
export function admitted(
  outputs: Outputs,
  classes: readonly string[],
  labels: ArrayLike<number>,
  kinds: readonly (string | null)[],
): Tensor {
  const of = classOf(outputs, classes);
  const values = kinds.flatMap((kind, i) => {
    const own = outputs.findIndex((output, o) => of[o] === labels[i] && output.kind === kind);
    return outputs.map((_, o) => Number(own < 0 || of[o] !== labels[i] || o === own));
  });
  return tensor(Float32Array.from(values), [kinds.length, outputs.length]);
}

/** What a run's kinds are, in words; rows of kinds that the starting model has no output for are said. */
export function kindsLines(outputs: Outputs | null, { classes, source, graded }: Kinded): string[] {
  if (outputs === null || (source === null && graded === null)) return [];
  const kinds = outputs.flatMap(({ kind }) => (kind === null ? [] : [kind]));
  const lens = lensClass(classes);
  const strangers = [source?.kinds ?? [], graded?.kinds ?? []].flatMap((all, which) => {
    const labels = which === 0 ? source?.labels : graded?.classes;
    return all.filter((kind, i) => kind !== null && labels![i] !== lens && !kinds.includes(kind));
  });
  const more =
    strangers.length === 0
      ? []
      : [
          `${strangers.length} rows are of kinds that the starting model doesn't have (${[...new Set(strangers)].join(", ")}): ` +
            "they train their class alone",
        ];
  return [
    `kinds: ${kinds.join(", ")}; their sum is ${classes.filter((_, k) => k !== lens).join(", ")}`,
    ...more,
  ];
}
