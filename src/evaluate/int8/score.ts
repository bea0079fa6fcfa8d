/** Rows predicted in 8 bits, where the processor can and the file is the model's. */
import { dirname, join } from "node:path";
import type { ImageDomain, Rows } from "../../dataset/dataset.ts";
import { OnnxSession } from "../../onnx/runtime.ts";
import type { Model } from "../../train/model.ts";
import { type Predictions, predictRows } from "../../train/predict.ts";
import { predictRowsByGraph } from "./predict.ts";
import { INT8_FILE, usableRecord } from "./record.ts";
import { hasVnni } from "./vnni.ts";

/** Where a run's own file is. */
export const int8FileOf = ({ path }: Model): string => join(dirname(path), INT8_FILE);

/**
 * @param file that `quantiseModel` wrote
 * @param runs as in `spansOf`
 * @param vnni whether this processor has VNNI; without it float32 is used
 * @returns predictions, and what the user should know of them
 * @throws ArcletError as `usableRecord` and `predictRows`
 */
export async function predictRowsInt8(
  model: Model,
  file: string,
  domain: ImageDomain,
  rows: Rows,
  tick: (images: number) => void,
  runs?: readonly number[],
  vnni = hasVnni(),
): Promise<{ predictions: Predictions; note: string }> {
  const { rankCorrelation, heldOut } = usableRecord(file, model.path);
  if (!vnni) {
    const predictions = await predictRows(model, domain, rows, tick, "float32", runs);
    return { predictions, note: "precision float32: this processor has no VNNI, so int8 would be no faster" };
  }
  const session = await OnnxSession.open(file, file);
  try {
    const predictions = await predictRowsByGraph(session, model.info, domain, rows, tick, runs);
    const measured = `rank correlation ${rankCorrelation.toFixed(5)} with float32 on ${heldOut} images`;
    return { predictions, note: `precision int8 (${file}: ${measured})` };
  } finally {
    await session.close();
  }
}
