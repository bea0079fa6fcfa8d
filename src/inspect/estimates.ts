/**
 * Figures of the whole survey while people grade: what `arclet estimate` would say of a grader's grades so far, if what is shown
 * is a sample that `arclet select` drew.
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeCatalog } from "../catalog/write.ts";
import { designPath } from "../evaluate/designed-sample/design.ts";
import { gradedStrata } from "../evaluate/designed-sample/graded-strata.ts";
import { errorsOnDecoys, type GraderErrors } from "../evaluate/designed-sample/grader-errors.ts";
import { readSample } from "../evaluate/designed-sample/sample-file.ts";
import { surveyFigures } from "../evaluate/designed-sample/survey-figures.ts";
import { ArcletError } from "../foundation/errors.ts";
import type { EstimatesAnswer } from "./contract.ts";
import { isGraded } from "./grading.ts";
import type { Search } from "./search.ts";

const SEED = 0;

export class Estimates {
  readonly #search: Search;
  readonly #positives: string;
  /** One at a time: each reads the survey's whole table. */
  #before: Promise<unknown> = Promise.resolve();

  /** @param lensGrades grades that count as lenses */
  constructor(search: Search, lensGrades: readonly string[]) {
    this.#search = search;
    this.#positives = `grade IN (${lensGrades.map((grade) => `'${grade}'`).join(", ")})`;
  }

  /** Whether what is shown is a designed sample. */
  get possible(): boolean {
    const { sample } = this.#search.objects;
    return sample !== null && existsSync(designPath(sample.path));
  }

  /** By a grader's own grades. What they don't suffice for yet is said in `yet`. */
  answer(grader: string): Promise<EstimatesAnswer> {
    const made = this.#before.then(() => this.figures(grader));
    this.#before = made.catch(() => {});
    return made;
  }

  private async figures(grader: string): Promise<EstimatesAnswer> {
    const { objects, grading } = this.#search;
    const { domain, rows, sample, tables, finders } = objects;
    const said = [...rows].flatMap((row) => {
      const { grade } = grading.saidOf(grader, domain.ids[row]!);
      return isGraded(grade) ? [[domain.ids[row]!, grade!]] : [];
    });
    const counts = { graded: said.length, left: rows.length - said.length };
    if (said.length === 0) return { ...counts, yet: "nothing is graded yet", figures: null };
    const folder = mkdtempSync(join(tmpdir(), "arclet-estimates-"));
    try {
      const drawn = await readSample(sample!.path);
      const scores = tables.find((_, k) => finders[k]!.sha256 === drawn.design.scores.sha256);
      if (scores === undefined)
        return {
          ...counts,
          yet: `${drawn.design.scores.path}, the scores that the sample was drawn from, must be among the tables that arclet inspect is given, unchanged`,
          figures: null,
        };
      const path = join(folder, "grades.csv");
      const text = (name: string) => ({ name, type: "text" }) as const;
      await writeCatalog(path, [text("id"), text("grade")], said);
      const grades = { path, positives: this.#positives };
      const graded = await gradedStrata(scores, drawn, grades, { scores: null, tops: null });
      const { errors, note } = errorsOf(sample!.path, graded.decoys);
      const { number, thresholds } = surveyFigures(graded.strata, { seed: SEED, errors });
      return {
        ...counts,
        yet: null,
        figures: {
          number,
          corrected: errors !== null,
          thresholds: thresholds.map(({ selected, purity, completeness }, t) => ({
            ...{ score: graded.thresholds[t]!, selected, purity, completeness },
          })),
          notes: [...note, ...graded.notes],
        },
      };
    } catch (error) {
      if (error instanceof ArcletError && error.code === "missing")
        return { ...counts, yet: error.reason, figures: null };
      throw error;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

type OnDecoys = Parameters<typeof errorsOnDecoys>[1];

/** The grader's errors on decoys of both classes; without them, or if they say nothing, none are corrected. */
function errorsOf(path: string, decoys: OnDecoys): { errors: GraderErrors | null; note: string[] } {
  if (decoys.sensitivity === null || decoys.specificity === null) return { errors: null, note: [] };
  try {
    return { errors: errorsOnDecoys(path, decoys), note: [] };
  } catch (error) {
    if (!(error instanceof ArcletError)) throw error;
    return { errors: null, note: ["grades of the decoys are no better than chance, and correct nothing"] };
  }
}
