/**
 * The oracle: the true AUROC on target rows, known only if an experiment has their labels. No survey has it, so it is
 * not among the validators, and whatever depends on it is marked.
 */
import { macroAuroc } from "../adapt/validators/auroc.ts";
import { type Dataset, openDataset } from "../dataset/dataset.ts";
import type { DatasetInfo, Split } from "../dataset/info.ts";
import type { Preprocessing } from "../dataset/views/preprocessing/registry.ts";
import { refuse } from "../foundation/errors.ts";
import type { Network } from "../nn/network.ts";
import { tensor } from "../torch/create.ts";
import { tidy } from "../torch/scope.ts";
import { outputTensors, predictOutputs } from "./predict.ts";

export const ORACLE = "oracle";

/** Splits of the target whose labels a run reads; empty for none. */
export const oracleSplits = ({
  select,
  oracleSplits: requested,
}: {
  select: string | null;
  oracleSplits: readonly Split[] | null;
}): readonly Split[] => requested ?? (select === ORACLE ? ["test"] : []);

export class Oracle {
  private readonly dataset: Dataset;
  private readonly rows: Int32Array;

  private constructor(dataset: Dataset, rows: Int32Array) {
    this.dataset = dataset;
    this.rows = rows;
  }

  /**
   * @param source with the classes that the target must have, and the bands that are taken
   * @param without rows that training may learn the labels of: they judge nothing
   * @throws ArcletError when the target has no labelled row in these splits, or other classes than the source
   */
  static async open(
    target: string,
    splits: readonly Split[],
    { classes, bands }: Pick<DatasetInfo, "classes" | "bands">,
    without: readonly number[] = [],
  ): Promise<Oracle> {
    const dataset = await openDataset(target, () => bands);
    const gone = new Set(without);
    const rows = dataset.labelledRows(...splits).filter((row) => !gone.has(row));
    try {
      if (rows.length === 0) refuse(target, "splits", "labelled, for the oracle", splits);
      if (dataset.info.classes.join() !== classes.join())
        refuse(target, "classes", `${classes} as in the source`, dataset.info.classes);
      const present = new Set(dataset.labels(rows));
      if (present.size < 2)
        refuse(
          target,
          `split ${splits}`,
          "labelled with two classes or more, for the oracle",
          `${classes[[...present][0]!]} alone`,
        );
    } catch (error) {
      dataset.close();
      throw error;
    }
    return new Oracle(dataset, rows);
  }

  /**
   * AUROC of each class against the rest, averaged over classes; NaN for predictions that are not finite.
   *
   * @param saved as in `safePoint`
   * @throws Interrupted when the user stops it
   */
  async score(network: Network, preprocessing: Preprocessing, saved: string): Promise<number> {
    const outputs = await predictOutputs(network, preprocessing, this.dataset, this.rows, saved);
    return tidy(() =>
      macroAuroc(
        outputTensors(outputs).logits,
        tensor(BigInt64Array.from(this.dataset.labels(this.rows), BigInt)),
      ),
    );
  }

  close(): void {
    this.dataset.close();
  }
}
