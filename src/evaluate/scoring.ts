/** Images scored by one model or several, whose probabilities are averaged. */
import type { ImageDomain, Rows } from "../dataset/dataset.ts";
import type { GradedRecord } from "../dataset/graded/record.ts";
import { touching } from "../dataset/graded/touching.ts";
import type { Fitting } from "../dataset/views/fitting/config.ts";
import { fitImages } from "../dataset/views/fitting/fit.ts";
import { refuse } from "../foundation/errors.ts";
import { changedPluginLines } from "../foundation/plugins.ts";
import { type CalibrateOptions, calibrateRows } from "../train/calibrate.ts";
import { leakText } from "../train/leak.ts";
import { loadModel, type Model, needsOf } from "../train/model.ts";
import { type Precision, timingText } from "../train/precision.ts";
import { deviceOf, fasterPrediction, type Predictions, predictRows } from "../train/predict.ts";
import { int8FileOf, predictRowsInt8 } from "./int8/score.ts";
import { positiveOf } from "./positive.ts";
import { averagedOverTurns, changesWithTurns } from "./turns.ts";

export interface ScoringOptions extends CalibrateOptions, Fitting {
  /** As in `deviceNamed`. */
  device: string;
  /** `auto` takes the faster one here. */
  precision: Precision | "auto" | "int8";
  /** With int8: its files, one a model; null or left out for those in the runs' folders. */
  int8?: readonly string[] | null;
  /** The positive class; null for `lens`, else the last. */
  positive: string | null;
  /** Whether calibrated probabilities are of no use; left out: they are wanted. */
  uncalibrated?: boolean;
  /** Whether to average over the ways to turn and mirror an image; left out: not. */
  tta?: boolean;
  /** As in `spansOf`. */
  runs?: readonly number[];
  /** Images that a network sees together, but in 8 bits; left out: as many as `predictRows` takes. */
  together?: number;
}

export interface Scoring {
  classes: readonly string[];
  /** The mean of the models' probabilities, N × K, row-major. */
  probabilities: Float32Array;
  /** Index of the positive class. */
  positive: number;
  /** The mean of its calibrated probabilities (N), NaN where a model has none here; null where one holds no calibration. */
  calibrated: Float64Array | null;
  /** How it was calibrated, and to which prior, of each model; empty without a calibration. */
  calibratedBy: string;
  /** A model was trained on data that leak. */
  leak: boolean;
  /** 1 for a row whose grade a model learned from, or that is of the group of one (N); null if none learned from grades. */
  graded: Uint8Array | null;
  /** 1 for a row that a cascade rejected (N); null without a cascade. */
  rejected: Uint8Array | null;
  /** What the user should know, one line each. */
  notes: string[];
}

/**
 * Scores rows of a dataset by the mean of models' probabilities. One model is in memory at a time.
 *
 * @param models run folders or model files, of the same classes
 * @param tick called after each batch with how many images a model scored
 * @throws ArcletError for a model that is missing, that the images don't fit, or of other classes than the first;
 *   Interrupted when the user stops it
 */
export async function scoreImages(
  models: readonly string[],
  domain: ImageDomain,
  rows: Rows,
  options: ScoringOptions,
  tick: (images: number) => void = () => {},
): Promise<Scoring> {
  const { precision, int8 = null } = options;
  if (int8 !== null && precision !== "int8")
    refuse("score", "int8", "left out, but with --precision int8", int8);
  if (int8 !== null && int8.length !== models.length)
    refuse("score", "int8", `${models.length} files, one a model`, int8);
  const mean = new EnsembleMean(models, rows.length, options.positive);
  for (const path of models) {
    const model = loadModel(path, options.device);
    try {
      await mean.add(path, model, domain, rows, options, tick);
    } finally {
      model.network.dispose();
    }
  }
  return mean.scoring();
}

/** Takes in one model's probabilities after another's. */
class EnsembleMean {
  private readonly models: readonly string[];
  private readonly positive: string | null;
  private readonly notes: string[] = [];
  private classes: readonly string[] = [];
  private probabilities = new Float32Array();
  private calibrated: Float64Array | null;
  private readonly by = new Set<string>();
  private leak = false;
  private graded: Uint8Array | null = null;

  constructor(models: readonly string[], rows: number, positive: string | null) {
    this.models = models;
    this.positive = positive;
    this.calibrated = new Float64Array(rows);
  }

  async add(
    path: string,
    model: Model,
    domain: ImageDomain,
    rows: Rows,
    options: ScoringOptions,
    tick: (images: number) => void,
  ): Promise<void> {
    this.note(path, ...marksOf(model, options.device));
    this.leak ||= model.info.leak !== null;
    for (const record of model.info.graded ?? []) await this.markGraded(path, record, domain, rows);
    const fitted = fitImages(domain, needsOf(model.info), options);
    this.note(path, ...fitted.notes);
    const timed = await this.timed(path, model, fitted.domain, rows, options);
    const predictions = await this.averaged(path, model, fitted.domain, rows, timed, tick);
    this.addProbabilities(path, predictions.classes, predictions.probabilities);
    if (options.uncalibrated === true) this.calibrated = null;
    else this.addCalibrated(path, model, predictions, options);
  }

  /** Predictions, over all turns of the images if that was asked for and changes them. */
  private async averaged(
    path: string,
    model: Model,
    domain: ImageDomain,
    rows: Rows,
    options: ScoringOptions,
    tick: (images: number) => void,
  ): Promise<Predictions> {
    if (options.tta !== true) return await this.predictions(path, model, domain, rows, options, tick);
    if (!changesWithTurns(model)) {
      this.note(path, "--tta does nothing: its scores are the same however an image is turned or mirrored");
      return await this.predictions(path, model, domain, rows, options, tick);
    }
    const turned = (one: ImageDomain, ticked: typeof tick) =>
      this.predictions(path, model, one, rows, options, ticked);
    return await averagedOverTurns(domain, turned, tick);
  }

  private async predictions(
    path: string,
    model: Model,
    domain: ImageDomain,
    rows: Rows,
    { precision, int8 = null, runs, together }: ScoringOptions,
    tick: (images: number) => void,
  ): Promise<Predictions> {
    if (precision === "int8") {
      const file = int8?.[this.models.indexOf(path)] ?? int8FileOf(model);
      const made = await predictRowsInt8(model, file, domain, rows, tick, runs);
      this.note(path, made.note);
      return made.predictions;
    }
    const used = precision === "bfloat16" ? precision : "float32";
    return await predictRows(model, domain, rows, tick, used, runs, together);
  }

  /** The options with the faster precision in place of `auto`. */
  private async timed(
    path: string,
    model: Model,
    domain: ImageDomain,
    rows: Rows,
    options: ScoringOptions,
  ): Promise<ScoringOptions> {
    if (options.precision !== "auto") return options;
    const timing = await fasterPrediction(model, domain, rows);
    this.note(path, `precision ${timing.precision} (${timingText(timing, "for the first images")})`);
    return { ...options, precision: timing.precision };
  }

  scoring(): Scoring {
    const { classes, probabilities, calibrated, leak, graded, notes } = this;
    const calibratedBy = [...this.by].join("; ");
    const positive = positiveOf(classes, this.positive);
    return {
      ...{ classes, probabilities, positive, calibrated, calibratedBy, leak, graded, notes },
      rejected: null,
    };
  }

  private async markGraded(
    path: string,
    record: GradedRecord,
    domain: ImageDomain,
    rows: Rows,
  ): Promise<void> {
    const marks = await gradedMarks(record, domain, rows);
    const { graded } = this;
    this.graded = graded === null ? marks : marks.map((mark, i) => mark | graded[i]!);
    const touched = marks.reduce((sum, mark) => sum + mark, 0);
    if (touched > 0)
      this.note(
        path,
        `learned from the grades of ${touched} of these rows, or of rows of their groups: the table marks them in its column graded`,
      );
  }

  private addProbabilities(path: string, classes: readonly string[], probabilities: Float32Array): void {
    const { models } = this;
    if (this.classes.length > 0 && this.classes.join() !== classes.join())
      refuse(path, "classes", `${this.classes.join(", ")} as in ${models[0]}`, classes.join(", "));
    this.classes = classes;
    if (this.probabilities.length === 0) this.probabilities = new Float32Array(probabilities.length);
    probabilities.forEach((p, i) => {
      this.probabilities[i]! += p / models.length;
    });
  }

  private addCalibrated(path: string, model: Model, made: Predictions, options: CalibrateOptions): void {
    const { classes, models } = this;
    const corrected = calibrateRows(model, made.logits, made.features, options);
    if (corrected === null) {
      this.calibrated = null;
      this.note(path, "holds no calibration, so there is no column calibrated");
      return;
    }
    const { probabilities, warning } = corrected;
    if (warning !== null) this.note(path, `warning: ${warning}; the column calibrated is empty`);
    else {
      const by = `${corrected.by} (${partsText(classes, corrected.prior)})`;
      this.note(path, `column calibrated: ${by}`);
      this.by.add(by);
    }
    const index = positiveOf(classes, this.positive);
    this.calibrated =
      this.calibrated?.map((sum, i) =>
        probabilities === null
          ? Number.NaN
          : sum + probabilities[i * classes.length + index]! / models.length,
      ) ?? null;
  }

  private note(path: string, ...lines: readonly string[]): void {
    const whole = lines.map((line) => `${path}: ${line}`);
    // Each turn of the images may have the same to say.
    this.notes.push(...whole.filter((line) => !this.notes.includes(line)));
  }
}

/** 1 for a row that a model's graded rows touch (N); nearly identical images are left to `evaluate`. */
export async function gradedMarks(
  record: GradedRecord,
  domain: ImageDomain,
  rows: Rows,
): Promise<Uint8Array> {
  const { graded, left, shared } = await touching(record, domain, rows, { alike: false });
  const touched = new Set([...graded, ...left, ...shared.map(({ row }) => row)]);
  return Uint8Array.from(rows, (row) => Number(touched.has(row)));
}

/** What the user should know of a model whose scores are used. */
function marksOf({ info, network }: Model, device: string): string[] {
  const { oracle, leak, plugins = [] } = info;
  const usedDevice = deviceOf(network);
  return [
    ...changedPluginLines(plugins),
    ...(oracle ? ["target labels had a part in choosing it (oracle)"] : []),
    ...(device === "auto" && usedDevice !== "cpu" ? [`scored on ${usedDevice}`] : []),
    ...(leak === null ? [] : [`${leakText(leak)}: the table has a column leak`]),
  ];
}

const partsText = (classes: readonly string[], prior: readonly number[]): string =>
  classes.map((name, k) => `${name} ${prior[k]!.toPrecision(3)}`).join(", ");
