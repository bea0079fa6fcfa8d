/** A finder made of another one by grades: its encoder, and a classifier that remembers the graded rows. */
import { basename } from "node:path";
import { type GradedRows, openGradedRows } from "../../dataset/graded/graded-rows.ts";
import { touching } from "../../dataset/graded/touching.ts";
import { fileHash } from "../../dataset/hash.ts";
import { openUnlabelled, type UnlabelledDataset } from "../../dataset/unlabelled.ts";
import { ArcletError, refuse } from "../../foundation/errors.ts";
import type { Progress } from "../../foundation/progress.ts";
import { tensor } from "../../torch/create.ts";
import { provenance } from "../../torch/provenance.ts";
import { Generator } from "../../torch/random.ts";
import type { Tensor } from "../../torch/tensor.ts";
import { gradingOf } from "../../train/grading-fields.ts";
import { lensClass } from "../../train/lens-class.ts";
import {
  loadModel,
  type Model,
  type ModelInfo,
  networkOf,
  readWeights,
  writeModel,
} from "../../train/model.ts";
import { predictRows, ringRows } from "../../train/predict.ts";
import type { ProbeConfig } from "./config.ts";
import { fitGradesProbe, type GradesProbe, heldOutProbabilities, type Taught } from "./grades-probe.ts";

/** Beyond this the eigenvectors of the rows' kernel take minutes and memory. */
const MOST_ROWS = 3000;
export interface Probed {
  readonly probe: GradesProbe;
  readonly info: ModelInfo;
  /** Of the graded rows. */
  readonly ids: readonly string[];
  readonly lens: Float64Array;
  readonly groups: readonly string[];
  /** Probability of a lens, each by a probe that saw no row of its group (N); null of a class in one group alone. */
  readonly heldOut: Float64Array | null;
  /** The model's own probability of a lens (N). */
  readonly before: Float64Array;
  /** What the user should know, one line each. */
  readonly notes: readonly string[];
}

/**
 * Learns the grades and writes the probe as a model.
 *
 * @param file where the model is written
 * @param bar starts a progress bar
 * @throws ArcletError as `openGradedRows`, for too many rows, and for a model of other images
 */
export async function makeProbe(
  config: ProbeConfig,
  file: string,
  bar: (label: string, total: number) => Progress,
): Promise<Probed> {
  const { target, graded, gradedAlike: alike, device, folds, seed } = config;
  const model = loadModel(config.model, device);
  try {
    const domain = await openUnlabelled(target);
    try {
      await domain.verify();
      const rows = await openGradedRows(target, graded, gradingOf("probe", config), { alike, bar });
      refuseMany(graded, rows);
      const { taught, before } = await seenBy(model, domain, rows.rows, rows.lens, bar);
      const probe = await fitGradesProbe(taught);
      const possible = foldsFor(rows, folds);
      const heldOut =
        possible.folds < 2
          ? null
          : await heldOutProbabilities(taught, rows.groups, { folds: possible.folds, seed });
      const info = infoOf(model, rows, probe);
      writeProbe(file, model, info, probe);
      const ids = Array.from(rows.rows, (row) => domain.ids[row]!);
      const notes = [...rows.notes, ...possible.notes, ...(await learnedNotes(model, domain, rows.rows))];
      return { probe, info, ids, lens: rows.lens, groups: rows.groups, heldOut, before, notes };
    } finally {
      domain.close();
    }
  } finally {
    model.network.dispose();
  }
}

function refuseMany(path: string, { rows }: GradedRows): void {
  if (rows.length > MOST_ROWS)
    throw new ArcletError({
      where: path,
      code: "unsupported",
      problem: `has ${rows.length} graded rows, and a probe remembers at most ${MOST_ROWS}`,
      fix: "arclet train --method fine-tune learns from more",
    });
}

/** No more folds than a class has groups, so that each fold's probe sees both classes. */
function foldsFor({ lens, groups }: GradedRows, asked: number): { folds: number; notes: readonly string[] } {
  const groupsOf = (lenses: boolean) => new Set(groups.filter((_, i) => lens[i]! >= 0.5 === lenses)).size;
  const [lenses, others] = [groupsOf(true), groupsOf(false)];
  const fewest = Math.min(lenses, others);
  if (fewest >= asked) return { folds: asked, notes: [] };
  const of = `the graded ${lenses < others ? "lenses" : "others"} are of ${fewest} group${fewest === 1 ? "" : "s"}`;
  const so = fewest < 2 ? "nothing can be held out" : `${fewest} folds in place of ${asked}`;
  return { folds: fewest, notes: [`${of}: ${so}`] };
}

/** The encoder's features of rows, and what the model itself says of them. */
async function seenBy(
  model: Model,
  domain: UnlabelledDataset,
  rows: Int32Array,
  lens: Float64Array,
  bar: (label: string, total: number) => Progress,
): Promise<{ taught: Taught; before: Float64Array }> {
  const progress = bar("features", 2 * rows.length);
  const tick = (images: number) => progress.tick(images);
  try {
    const { values, parts } = await ringRows(model, domain, rows, tick);
    const { probabilities, classes } = await predictRows(model, domain, rows, tick);
    const own = lensClass(classes);
    const before = Float64Array.from(rows, (_, i) => probabilities[i * classes.length + own]!);
    return { taught: { features: Float64Array.from(values), parts, lens }, before };
  } finally {
    progress.done();
  }
}

/** Of grades that the model itself has learned from. */
async function learnedNotes({ info }: Model, domain: UnlabelledDataset, rows: Int32Array): Promise<string[]> {
  const touched = new Set<number>();
  for (const record of info.graded ?? []) {
    const { graded, left, shared } = await touching(record, domain, rows, { alike: false });
    for (const row of [...graded, ...left, ...shared.map((one) => one.row)]) touched.add(row);
  }
  return touched.size === 0
    ? []
    : [
        `warning: the model had learned from ${touched.size} of these ${rows.length} grades, or of rows of their groups: ` +
          "what is said of rows held out is too good",
      ];
}

function infoOf(model: Model, { record }: GradedRows, { process }: GradesProbe): ModelInfo {
  const { outputs: _, ...info } = model.info;
  if (info.classes.length !== 2) refuse(model.path, "classes", "two: lens and not", info.classes);
  return {
    ...info,
    head: null,
    kernel: {
      centres: process.alpha.length,
      parts: [...process.parts],
      positive: lensClass(info.classes) === 0 ? 0 : 1,
    },
    method: "probe",
    chosenBy: null,
    graded: [...(info.graded ?? []), record],
    validators: {},
    calibration: null,
    provenance: {
      ...provenance("probe"),
      from: { model: basename(model.path), sha256: fileHash(model.path), provenance: info.provenance },
    },
  };
}

function writeProbe(file: string, model: Model, info: ModelInfo, probe: GradesProbe): void {
  const network = networkOf(info, new Generator(0));
  try {
    readWeights(
      model.path,
      network,
      (tensors) => new Map([...encoderState(model, tensors), ...classifierState(probe)]),
    );
    writeModel(file, network, info);
  } finally {
    network.dispose();
  }
}

/** The state of the `RingEncoder`: that of the model's encoder, which may be one already. */
function encoderState({ info }: Model, tensors: ReadonlyMap<string, Tensor>): [string, Tensor][] {
  const own = [...tensors].filter(([name]) => name.startsWith("encoder."));
  return info.kernel === undefined
    ? own.map(([name, value]) => [name.replace(/^encoder\./, "encoder.base."), value])
    : own;
}

/** The state of the `KernelClassifier`. */
function classifierState({ process, odds }: GradesProbe): [string, Tensor][] {
  const { shift, scale, centres, alpha, gamma, mean } = process;
  const [n, width] = [alpha.length, shift.length];
  const one = (value: number) => tensor(Float32Array.of(value), [1]);
  const all: Record<string, Tensor> = {
    shift: tensor(Float32Array.from(shift), [width]),
    scale: tensor(Float32Array.from(scale), [width]),
    centres: tensor(Float32Array.from(centres), [n, width]),
    alpha: tensor(Float32Array.from(alpha), [n]),
    gamma: one(gamma),
    mean: one(mean),
    slope: one(odds.slope),
    intercept: one(odds.intercept),
  };
  return Object.entries(all).map(([name, value]) => [`classifier.${name}`, value]);
}
