/** A finder made of another one by grades: its network, and a classifier that remembers the graded rows. */
import { basename } from "node:path";
import { type GradedRows, openGradedRows } from "../../dataset/graded/graded-rows.ts";
import { touching } from "../../dataset/graded/touching.ts";
import { fileHash } from "../../dataset/hash.ts";
import { openUnlabelled, type UnlabelledDataset } from "../../dataset/unlabelled.ts";
import { refuse } from "../../foundation/errors.ts";
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
import { seenRows } from "../../train/predict.ts";
import type { ProbeConfig } from "./config.ts";
import { foldsFor, refuseMany } from "./graded-limits.ts";
import { fitGradesProbe, type GradesProbe, heldOutProbabilities, type Taught } from "./grades-probe.ts";

export interface Probed {
  readonly probe: GradesProbe;
  readonly info: ModelInfo;
  /** Of the graded rows. */
  readonly ids: readonly string[];
  readonly lens: Float64Array;
  readonly groups: readonly string[];
  /** Probability of a lens, each by a probe that saw no row of its group (N); null of a class in one group alone. */
  readonly heldOut: Float64Array | null;
  /** The model's own log odds of a lens (N). */
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
  config: ProbeConfig & { model: string },
  file: string,
  bar: (label: string, total: number) => Progress,
): Promise<Probed> {
  const { target, graded, gradedAlike: alike, device, folds, seed } = config;
  const model = loadModel(config.model, device);
  try {
    if (model.info.classes.length !== 2)
      refuse(model.path, "classes", "two: lens and not", model.info.classes);
    const domain = await openUnlabelled(target);
    try {
      await domain.verify();
      const rows = await openGradedRows(target, graded, gradingOf("probe", config), { alike, bar });
      refuseMany(graded, rows);
      const { taught, before } = await taughtBy(model, domain, rows, bar);
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

/** What the model sees of rows, and its own probability of a lens. */
async function taughtBy(
  model: Model,
  domain: UnlabelledDataset,
  { rows, lens }: GradedRows,
  bar: (label: string, total: number) => Progress,
): Promise<{ taught: Taught; before: Float64Array }> {
  const progress = bar("features", rows.length);
  try {
    const tick = (images: number) => progress.tick(images);
    const { rings, parts, own } = await seenRows(model, positiveOf(model), domain, rows, tick);
    const taught = { features: Float64Array.from(rings), own: Float64Array.from(own), parts, lens };
    return { taught, before: taught.own };
  } finally {
    progress.done();
  }
}

/** Index of the lenses' class. */
const positiveOf = ({ info }: Model): 0 | 1 => (lensClass(info.classes) === 0 ? 0 : 1);

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
  const { info } = model;
  return {
    ...info,
    kernel: {
      centres: process.alpha.length,
      parts: [...process.parts],
      positive: positiveOf(model),
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

/** The state of the `RingEncoder`, which holds the model's network; a probe's own is there already. */
const encoderState = ({ info }: Model, tensors: ReadonlyMap<string, Tensor>): [string, Tensor][] =>
  info.kernel === undefined
    ? [...tensors].map(([name, value]) => [`encoder.network.${name}`, value])
    : [...tensors].filter(([name]) => name.startsWith("encoder."));

/** The state of the `KernelClassifier`. */
function classifierState({ own, process, odds }: GradesProbe): [string, Tensor][] {
  const { shift, scale, centres, alpha, gamma, mean } = process;
  const [n, width] = [alpha.length, shift.length];
  const one = (value: number) => tensor(Float32Array.of(value), [1]);
  const all: Record<string, Tensor> = {
    own: tensor(Float32Array.of(own.slope, own.intercept), [2]),
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
