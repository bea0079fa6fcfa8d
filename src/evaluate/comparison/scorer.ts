/** Trained runs scored on the split that they are compared on: the seal opened once, every epoch scored and kept. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Dataset, openDataset, type Rows } from "../../dataset/dataset.ts";
import { INFO_FILE, readInfo } from "../../dataset/info.ts";
import { progress } from "../../foundation/progress.ts";
import { type PlannedRun, testedOn } from "../../train/comparing/plan.ts";
import { labelledRowsOf, writeRows } from "../../train/comparing/rows.ts";
import {
  EPOCH_FILES,
  EPOCH_KINDS,
  type EpochKind,
  type ScoredRows,
  scoreRun,
} from "../../train/comparing/scores.ts";
import type { ComparisonSpec } from "../../train/comparing/spec.ts";
import { gradedRowsOf } from "../../train/session/graded.ts";
import { judgingRows, type Taught } from "../graded-test.ts";
import { openSharedSeal } from "../shared-seal.ts";

interface ScoredPart {
  which: ScoredRows;
  dataset: Dataset;
  rows: Rows;
  split: string;
  kinds: readonly EpochKind[];
}

/** Scores runs' epochs on the test's rows, and on the source's if an ensemble learns from them. */
export class Scorer {
  private readonly parts: readonly ScoredPart[];

  private constructor(parts: readonly ScoredPart[]) {
    this.parts = parts;
  }

  /** Opens the split that is compared on. */
  static async open(spec: ComparisonSpec, runs: readonly PlannedRun[], command: string): Promise<Scorer> {
    const requests: [ScoredRows, string, string, readonly EpochKind[]][] = [
      ["test", testedOn(spec), spec.test.split, EPOCH_KINDS],
    ];
    if (spec.ensembles.some(({ by }) => by === "stack"))
      requests.push(["val", spec.source, "val", ["chosen"]]);
    openSharedSeal(
      testedOn(spec),
      { command, run: spec.out, split: spec.test.split },
      runs.map(({ name }) => name),
    );
    const { bands } = readInfo(join(spec.source, INFO_FILE));
    const taught = await taughtBy(runs);
    const parts: ScoredPart[] = [];
    for (const [which, folder, split, kinds] of requests) {
      const dataset = await openDataset(folder, () => bands);
      const labelled = dataset.labelledRows(split as "test");
      const rows = await judgingRows(which === "test" ? taught : [], dataset, labelled, folder, {
        withoutGraded: false,
        fix: "test on another dataset (test.data)",
        onNote: console.log,
      });
      writeRows(spec.out, which, labelledRowsOf(dataset, split, rows));
      parts.push({ which, dataset, rows, split, kinds });
    }
    return new Scorer(parts);
  }

  /** Images that a run's epochs are scored on. */
  images(run: PlannedRun): number {
    return this.jobs(run).reduce((sum, { rows }) => sum + rows.length, 0);
  }

  /** @param tick called with how many images are done */
  async score(run: PlannedRun, tick: (images: number) => void = () => {}): Promise<void> {
    for (const { kind, which, ...part } of this.jobs(run))
      await scoreRun(run.folder, which, kind, part, tick);
  }

  private jobs({ folder }: PlannedRun) {
    return this.parts.flatMap(({ kinds, ...part }) =>
      kinds.filter((kind) => existsSync(join(folder, EPOCH_FILES[kind]))).map((kind) => ({ ...part, kind })),
    );
  }

  close(): void {
    for (const { dataset } of this.parts) dataset.close();
  }
}

/** The graded rows that runs learn from: no run is judged by them, so that all are judged by the same rows. */
async function taughtBy(runs: readonly PlannedRun[]): Promise<Taught[]> {
  const taught = new Map<string, Taught>();
  for (const { name, config } of runs) {
    const { target, graded, gradedPositives, gradedNegatives, gradedSoft, gradedRange, gradedAlike } = config;
    const key = JSON.stringify([
      ...[target, graded, gradedPositives, gradedNegatives],
      ...[gradedSoft, gradedRange, gradedAlike],
    ]);
    if (graded === null || taught.has(key)) continue;
    const rows = await gradedRowsOf(config);
    if (rows !== null) taught.set(key, { name, graded: [rows.record] });
  }
  return [...taught.values()];
}

/** Scores every trained run. */
export async function scoreAll(scorer: Scorer, trained: readonly PlannedRun[]): Promise<void> {
  const images = trained.reduce((sum, run) => sum + scorer.images(run), 0);
  const bar = progress("score", images, "images");
  for (const run of trained) await scorer.score(run, (done) => bar.tick(done));
  bar.done();
}
