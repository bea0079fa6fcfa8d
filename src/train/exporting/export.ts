/** A model as an ONNX file, with a test input and its output beside it. */
import { existsSync } from "node:fs";
import type { Calibration } from "../../adapt/calibration/calibrator.ts";
import { ArcletError, refuse } from "../../foundation/errors.ts";
import { isTaken, writeFileWhole, writeFolderWhole } from "../../foundation/files.ts";
import { version } from "../../foundation/version.ts";
import type { Graph } from "../../onnx/graph.ts";
import { graphOf } from "../../onnx/lowering.ts";
import { OPSET, onnxBytes } from "../../onnx/protobuf.ts";
import { hasRuntime, OnnxSession } from "../../onnx/runtime.ts";
import { checkPrior, knownTo } from "../calibrate.ts";
import type { Finder } from "../finders/finders.ts";
import type { Model } from "../model.ts";
import { exportMetadata } from "./metadata.ts";
import { holdsTestPair, type TestPair, testPair, writeTestPair } from "./test-pair.ts";
import { type GraphOptions, traceOfModel } from "./whole-model.ts";

/** How far ONNX Runtime's values may be from libtorch's: of probabilities, and of logits relative to their size. */
const TOLERANCE = 1e-4;

/** What an exported graph computes beside the logits. */
export interface ExportOptions {
  /** Index of the positive class. */
  positive: number;
  /** Whether the encoder's last map comes out as well. */
  map: boolean;
  /** How the calibrated probability is made; a model without a calibration has none. */
  calibration: Calibration;
  /** That the calibrated probability is corrected to (K); null for the source's. */
  prior: readonly number[] | null;
}

/** What was written, and what it was checked by. */
export interface Exported {
  /** The ONNX file. */
  file: string;
  /** The folder with a test input and its output. */
  test: string;
  /** Size of the file. */
  bytes: number;
  /** Version of ONNX's operators. */
  opset: number;
  /** Names of the graph's outputs. */
  outputs: readonly string[];
  /** The largest difference to ONNX Runtime on the test input (`apart`); null if it is not installed. */
  apart: number | null;
  /** Sentences for the user. */
  notes: string[];
}

/** What an exported model's graph computes. @throws ArcletError for a prior that doesn't fit the classes */
export function graphOptions({ info }: Model, options: ExportOptions): GraphOptions {
  const { positive, map, calibration, prior } = options;
  const fitted = info.calibration;
  if (prior !== null) checkPrior("export", "--prior", prior, info.classes);
  const calibrated = fitted && { by: knownTo(fitted, calibration), prior: prior ?? fitted.prior };
  return { positive, map, calibrated };
}

export const modelGraph = (model: Model, options: GraphOptions): Graph =>
  graphOf(model.path, "arclet", "images", traceOfModel(model, options));

/**
 * Writes `file` and the folder of its test: a graph from pixels, (B, C, H, W) as they are stored, to the calibrated probability.
 *
 * @param file ends in .onnx
 * @param finder that the model is; null for any other model
 * @throws ArcletError for names that are taken, for what can't be written as a graph, and when ONNX Runtime computes
 *   something else; nothing is written then
 */
export async function exportModel(
  model: Model,
  file: string,
  finder: Finder | null,
  options: ExportOptions,
): Promise<Exported> {
  const test = testFolder(file);
  if (isTaken(file)) throw taken(file);
  const chosen = graphOptions(model, options);
  const graph = modelGraph(model, chosen);
  const bytes = onnxBytes(graph, producer(finder?.card.summary ?? ""), exportMetadata(model, chosen, finder));
  const pair = testPair(model, chosen);
  const isThere = existsSync(test);
  // A program that was killed between the two has left it, as it is to be.
  if (isThere && !holdsTestPair(test, pair)) throw taken(test);
  const apart = (await hasRuntime()) ? await largestDifference(file, bytes, pair) : null;
  if (apart !== null && !(apart <= TOLERANCE))
    throw new ArcletError({
      where: model.path,
      code: "failed",
      problem: `ONNX Runtime's outputs are ${apart.toPrecision(2)} off libtorch's, more than ${TOLERANCE}: nothing was written`,
    });
  if (!isThere) await writeFolderWhole(test, async (folder) => writeTestPair(folder, pair));
  writeFileWhole(file, bytes);
  const outputs = graph.outputs.map(({ name }) => name);
  return { file, test, bytes: bytes.length, opset: OPSET, outputs, apart, notes: notesOf(model, options) };
}

const taken = (path: string) =>
  new ArcletError({
    where: "export-model",
    code: "conflict",
    field: "onnx",
    must: "a name that is not taken",
    got: path,
  });

/** `model.onnx` has its test in `model-test`. @throws ArcletError for a file of another extension */
export function testFolder(file: string): string {
  if (!file.endsWith(".onnx")) refuse("export-model", "onnx", "a file that ends in .onnx", file);
  return `${file.slice(0, -".onnx".length)}-test`;
}

export const producer = (description: string) => ({ name: "arclet", version: version(), description });

function notesOf({ info: { calibration: fitted } }: Model, { calibration }: ExportOptions): string[] {
  if (fitted === null) return ["it holds no calibration, so there is no output calibrated"];
  return knownTo(fitted, calibration) === calibration
    ? []
    : [`${calibration} is not known to it (the model is of an older version): temperature is used`];
}

/** Of all outputs on the test input; of values beyond 1 relative to their size. */
async function largestDifference(
  where: string,
  bytes: Uint8Array,
  { images, outputs }: TestPair,
): Promise<number> {
  const session = await OnnxSession.open(where, bytes);
  try {
    const made = await session.run(images);
    let largest = 0;
    for (const [name, { data }] of Object.entries(outputs))
      data.forEach((value, i) => {
        const off = Math.abs(made[name]!.data[i]! - value) / Math.max(1, Math.abs(value));
        largest = Number.isNaN(off) ? Number.NaN : Math.max(largest, off);
      });
    return largest;
  } finally {
    await session.close();
  }
}
