/** What chooses a run's epoch: a validator, the rows that validators look at, and an oracle where one is asked for. */
import type { Method } from "../../adapt/method.ts";
import { DEFAULT_VALIDATOR, findValidator } from "../../adapt/validators/registry.ts";
import type { Closing } from "../../foundation/closing.ts";
import { refuse } from "../../foundation/errors.ts";
import type { TrainConfig } from "../config.ts";
import { ORACLE, Oracle, oracleSplits } from "../oracle.ts";
import type { RunData } from "./data.ts";
import type { Priors } from "./prior.ts";

export interface Selection {
  /** The name of the validator that chooses the epoch, or the oracle's. */
  by: string;
  /** Null where none is asked for. */
  oracle: Oracle | null;
  /** Rows that validators look at. */
  rows: { source: Int32Array; target: Int32Array };
  /** The class marginal that validators expect of the target (K). */
  prior: readonly number[];
}

/** @throws ArcletError for a validator that needs a target where there is none, and for what the oracle can't open */
export async function openSelection(
  config: TrainConfig,
  method: Method,
  { data, priors }: { data: RunData; priors: Priors },
  closing: Closing,
): Promise<Selection> {
  const by = config.select ?? (method.needsTarget ? DEFAULT_VALIDATOR : "source-auroc");
  if ((by === ORACLE || findValidator(by).needsTarget) && data.target === null)
    refuse("train", "select", "source-auroc where there is no target", by);
  const splits = oracleSplits(config);
  const oracle =
    splits.length > 0 && config.target !== null
      ? closing.add(await Oracle.open(config.target, splits, data.source.info.classes), (one) => one.close())
      : null;
  const rows = {
    source: spaced(data.rows.val, config.validateOn),
    target: spaced(data.rows.target, config.validateOn),
  };
  return { by, oracle, rows, prior: priors.target ?? priors.source };
}

/** At most `most` rows, evenly spaced in the table. */
const spaced = (rows: Int32Array, most: number): Int32Array =>
  rows.length <= most
    ? rows
    : Int32Array.from({ length: most }, (_, i) => rows[Math.floor((i * rows.length) / most)]!);
