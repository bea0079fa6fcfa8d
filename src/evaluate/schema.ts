/** The contents of `metrics.json`. A share or an area is a number from 0 to 1; null means unknown. */
import * as z from "zod";
import { checked } from "../foundation/errors/zod-errors.ts";
import { readJson, writeFileWhole } from "../foundation/files.ts";

const bound = z.number().nullable();

/** A measured value with its 95 % interval; the bounds are null if there are none. */
export const estimateSchema = z.object({ value: z.number().nullable(), low: bound, high: bound });

/** A measured value with its 95 % interval. */
export type Estimate = z.infer<typeof estimateSchema>;

const count = z.number().int().nonnegative();
const share = z.number().min(0).max(1);
const intervalSchema = z.object({ low: z.number(), high: z.number() });

const operatingPointSchema = z.object({
  /** Rows with a score of at least this are selected. */
  threshold: z.number(),
  /** How it was chosen, in words. */
  chosen: z.string().default("as given"),
  truePositives: count,
  falsePositives: count,
  trueNegatives: count,
  falseNegatives: count,
  recall: estimateSchema,
  fpr: estimateSchema,
  purity: estimateSchema,
});
export type OperatingPoint = z.infer<typeof operatingPointSchema>;

const calibrationSchema = z.object({
  /** Expected calibration error over bins of equal width. */
  ece: share,
  brier: share,
  /** Nats. */
  logLoss: z.number().nonnegative().nullable().default(null),
  /** Bootstrap by group, if requested; the ECE's is corrected for its bias. */
  intervals: z
    .object({ ece: intervalSchema, brier: intervalSchema, logLoss: intervalSchema })
    .nullable()
    .default(null),
  bins: z.array(
    z.object({
      low: share,
      high: share,
      count,
      predicted: share,
      observed: share,
      interval: intervalSchema,
    }),
  ),
});

/** How well probabilities are calibrated. */
export type Calibration = z.infer<typeof calibrationSchema>;

/** Probabilities that were calibrated on the source's validation rows and corrected to a prior of the tested rows. */
const calibratedSchema = calibrationSchema.extend({
  /** How, e.g. `temperature 1.42, prior by em`. */
  by: z.string(),
  /** The expected share of positives; null if unknown. */
  prior: share.nullable(),
});

/** How well calibrated probabilities do on the tested rows. */
export type Calibrated = z.infer<typeof calibratedSchema>;

const binSchema = z.object({ low: z.number(), high: z.number() });
const foundSchema = { count, found: count, recall: estimateSchema };

const completenessSchema = z.object({
  /** Positives with a score of at least this are found. */
  threshold: z.number(),
  /** Recall along one column each. */
  along: z.array(
    z.object({
      column: z.string(),
      label: z.string(),
      /** Positives whose value is unknown. */
      unknown: count,
      bins: z.array(binSchema.extend(foundSchema)),
    }),
  ),
  /** Recall over two columns; cells without a positive are left out. */
  map: z
    .object({
      x: z.string(),
      y: z.string(),
      xLabel: z.string(),
      yLabel: z.string(),
      cells: z.array(z.object({ x: binSchema, y: binSchema, ...foundSchema })),
    })
    .nullable(),
});

/** Recall along the properties of lenses. */
export type Completeness = z.infer<typeof completenessSchema>;

const kindsSchema = z.array(
  z.object({
    kind: z.string(),
    negatives: count,
    falsePositives: count,
    fpr: estimateSchema,
  }),
);

/** False positives by what they are. */
export type FalsePositivesByKind = z.infer<typeof kindsSchema>;

const bootstrapSchema = z.object({
  unit: z.enum(["group", "row"]),
  resamples: count,
  seed: z.number().int(),
  auroc: intervalSchema,
  averagePrecision: intervalSchema,
  tpr0: intervalSchema,
  tpr10: intervalSchema.nullable(),
  recallAtFpr: z.array(intervalSchema),
});
export type BootstrapIntervals = z.infer<typeof bootstrapSchema>;

const multiclassSchema = z.object({
  classes: z.array(z.string()),
  /** Share of rows whose most probable class is theirs. */
  accuracy: estimateSchema,
  /** Mean one-vs-rest AUROC of the classes that have rows. */
  macroAuroc: z.number().nullable(),
  macroAveragePrecision: z.number().nullable().default(null),
  /** Bootstrap by group, if requested; of each class in the order of `classes`, null if it has no numbers. */
  intervals: z
    .object({
      macroAuroc: intervalSchema,
      macroAveragePrecision: intervalSchema,
      auroc: z.array(intervalSchema.nullable()),
      averagePrecision: z.array(intervalSchema.nullable()),
    })
    .nullable()
    .default(null),
  oneVsRest: z.array(
    z.object({
      class: z.string(),
      rows: count,
      auroc: estimateSchema,
      averagePrecision: z.number().nullable(),
    }),
  ),
  /** Rows by true class (first index) and most probable class (second index). */
  confusion: z.array(z.array(count)),
});

/** Metrics of K classes. */
export type MulticlassMetrics = z.infer<typeof multiclassSchema>;

export const metricsSchema = z.object({
  positiveClass: z.string(),
  positives: count,
  negatives: count,
  /** Number of groups (sky positions); null if rows have none. */
  groups: count.nullable(),
  /** DeLong's variance, drawn towards a model's where few rows know it. */
  auroc: estimateSchema,
  /** Symmetric on the logit scale; null bounds in files of older versions without a bootstrap. */
  averagePrecision: estimateSchema,
  /** Recall before the first false positive. This and the following intervals are Wilson's, at that threshold. */
  tpr0: estimateSchema,
  /** Recall before the tenth false positive; null with fewer than ten negatives. */
  tpr10: estimateSchema,
  recallAtFpr: z.array(z.object({ fpr: share, falsePositives: count, recall: estimateSchema })),
  top: z.array(z.object({ n: count, purity: estimateSchema, completeness: estimateSchema })),
  operatingPoint: operatingPointSchema,
  /** Purity of the operating point in a population of that prevalence. */
  atPrevalence: z.array(z.object({ prevalence: share, purity: estimateSchema })),
  /** Null when the scores are not probabilities. */
  calibration: calibrationSchema.nullable(),
  /** The same of the calibrated probabilities, if there are any. */
  calibrated: calibratedSchema.nullable().default(null),
  /** Recall along what is known of the positives besides their class; null if nothing is. */
  completeness: completenessSchema.nullable().default(null),
  /** Which negatives are taken for positives at the operating point; null if their kinds are unknown. */
  falsePositivesByKind: kindsSchema.nullable().default(null),
  bootstrap: bootstrapSchema.nullable(),
  multiclass: multiclassSchema.nullable(),
});

/** All metrics of one test. */
export type Metrics = z.infer<typeof metricsSchema>;

/** The whole file: one entry a test, e.g. `look-alikes` at the chosen epoch. */
export const metricsFileSchema = z.object({
  version: z.literal(1),
  /** The opening of the sealed split that these numbers come from; null when no sealed split was needed. */
  seal: z
    .object({ split: z.string(), time: z.string(), command: z.string(), openedBefore: count })
    .nullable(),
  results: z.array(
    z.object({
      /** What was tested against what. */
      test: z.string(),
      /** Which network: a method, a checkpoint. */
      method: z.string(),
      checkpoint: z.string(),
      metrics: metricsSchema,
    }),
  ),
});

/** The contents of `metrics.json`. */
export type MetricsFile = z.infer<typeof metricsFileSchema>;

/** Writes `metrics.json`. @throws ArcletError when it can't be written */
export function writeMetrics(path: string, metrics: MetricsFile): void {
  writeFileWhole(path, `${JSON.stringify(metricsFileSchema.parse(metrics), null, 2)}\n`);
}

/** Reads `metrics.json`. @throws ArcletError naming the file and the first field that is wrong */
export function readMetrics(path: string): MetricsFile {
  return checked(path, metricsFileSchema, readJson(path), { code: "broken" });
}
