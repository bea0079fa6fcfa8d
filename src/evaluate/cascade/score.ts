/** Images scored by a cascade: all by its student, those that pass by its finder. */
import type { ImageDomain, Rows } from "../../dataset/dataset.ts";
import { fitImages } from "../../dataset/views/fitting/fit.ts";
import { refuse } from "../../foundation/errors.ts";
import { needsOf, readModelInfo } from "../../train/model.ts";
import { gradedMarks, type Scoring, type ScoringOptions, scoreImages } from "../scoring.ts";
import { type Cascade, cascadeAt, readCascade } from "./file.ts";
import { strangeness } from "./likeness.ts";
import { passedProbability, rejectedProbability } from "./rejected-scores.ts";
import { readStudent } from "./student.ts";
import { studentOdds } from "./student-odds.ts";
import { checkSurvey } from "./survey-check.ts";

/** Rows whose passed images share batches of the finder; a scoring that is divided is divided between them. */
export const PASSED_TOGETHER = 8192;
/** Images that the finder sees together: few pass, and memory for more takes longer to get than more together gain. */
const SEEN_TOGETHER = 64;

/**
 * As `scoreImages`, by models or by one cascade.
 *
 * @throws ArcletError as `scoreImages`, and for a cascade beside other models, one whose finder or data changed, images of another
 *   survey, and a prior that is to be estimated
 */
export async function scoreByFinders(
  models: readonly string[],
  domain: ImageDomain,
  rows: Rows,
  options: ScoringOptions,
  tick: (images: number) => void = () => {},
): Promise<Scoring> {
  const path = models.find((model) => cascadeAt(model) !== null);
  if (path === undefined) return await scoreImages(models, domain, rows, options, tick);
  if (models.length > 1) refuse("score", "models", `the cascade ${path} alone, or models`, models);
  const { cascade, student: file } = readCascade(cascadeAt(path)!);
  checkPositive(cascade, options.positive);
  checkSurvey(domain.folder, domain.info, cascade.images, "the cascade is for");
  const { info } = readModelInfo(cascade.finder.path);
  const fitted = fitImages(domain, needsOf(info), options);
  const student = readStudent(file);
  try {
    const odds = await studentOdds(student, fitted.domain, rows, (part) =>
      tick(part.filter((one) => one < cascade.passes).length),
    );
    const passed = [...odds.keys()].filter((i) => !(odds[i]! < cascade.passes));
    const scored = await scoreImages(
      [cascade.finder.path],
      domain,
      passed.map((i) => rows[i]!),
      { ...options, ...settingsOf(passed, options) },
      tick,
    );
    const notes = notesOf(path, cascade, odds, passed.length, options);
    const marks: Uint8Array[] = [];
    for (const record of info.graded ?? []) marks.push(await gradedMarks(record, domain, rows));
    const graded = marks.length === 0 ? null : marks.reduce((a, b) => a.map((mark, i) => mark | b[i]!));
    return { ...spread(scored, passed, odds), graded, notes: [...scored.notes, ...notes] };
  } finally {
    student.dispose();
  }
}

/** Whether the prior would be estimated: images that passed are not a sample of the survey's. */
const estimates = ({ prior, priorFrom }: ScoringOptions): boolean => prior === null && priorFrom !== null;

/** How the finder scores what passed. */
const settingsOf = (passed: readonly number[], options: ScoringOptions): Partial<ScoringOptions> => ({
  uncalibrated: options.uncalibrated === true || estimates(options),
  runs: lengthsOf(passed),
  together: SEEN_TOGETHER,
  // Nothing can be timed, nor calibrated, where nothing passed.
  ...(passed.length === 0 && { precision: "float32", int8: null, uncalibrated: true }),
});

function checkPositive({ finder }: Cascade, positive: string | null): void {
  if (positive !== null && positive !== finder.positive)
    refuse("score", "positive", `${finder.positive}, as in the cascade`, positive);
}

/** How many rows passed of each run of `PASSED_TOGETHER`. */
function lengthsOf(passed: readonly number[]): number[] {
  const lengths: number[] = [];
  for (const i of passed) {
    const run = Math.floor(i / PASSED_TOGETHER);
    lengths[run] = (lengths[run] ?? 0) + 1;
  }
  return lengths.filter((length) => length > 0);
}

function notesOf(
  path: string,
  { data, finder }: Cascade,
  odds: Float32Array,
  passed: number,
  options: ScoringOptions,
): string[] {
  const apart = strangeness(
    data.map(({ quantiles, heldOut, calibrated }) => ({ quantiles, images: heldOut || calibrated })),
    odds,
  );
  const share = (100 * (1 - passed / odds.length)).toFixed(1);
  return [
    `${path}: ${share} % of ${odds.length} images rejected; the finder ${finder.path} scored the other ${passed}`,
    ...(options.uncalibrated !== true && estimates(options)
      ? [
          `${path}: no column calibrated, since the prior can't be estimated on what passed (--prior gives it, --prior-from none takes the source's)`,
        ]
      : []),
    ...(apart === null
      ? []
      : [
          `${path}: warning: these images are not like those that the cascade was made on (Kolmogorov's distance ${apart.toFixed(2)}): its loss is not known for them`,
        ]),
  ];
}

/** Scores of the rows that passed as scores of all. */
function spread(scored: Scoring, passed: readonly number[], odds: Float32Array): Scoring {
  const { classes, positive } = scored;
  const K = classes.length;
  const probabilities = new Float32Array(odds.length * K);
  odds.forEach((own, i) => {
    const low = rejectedProbability(own);
    for (let k = 0; k < K; k++)
      probabilities[i * K + k] = k === positive ? low : K === 2 ? 1 - low : Number.NaN;
  });
  const calibrated = scored.calibrated === null ? null : new Float64Array(odds.length).fill(Number.NaN);
  const rejected = new Uint8Array(odds.length).fill(1);
  passed.forEach((i, at) => {
    probabilities.set(scored.probabilities.subarray(at * K, (at + 1) * K), i * K);
    probabilities[i * K + positive] = passedProbability(probabilities[i * K + positive]!);
    if (calibrated !== null) calibrated[i] = scored.calibrated![at]!;
    rejected[i] = 0;
  });
  return { ...scored, probabilities, calibrated, rejected };
}
