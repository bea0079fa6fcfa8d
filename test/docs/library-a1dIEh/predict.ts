import { join } from "node:path";
import { openDataset } from "/work/main/src/dataset/index.ts";
import { loadModel, MODEL_FILE, predictRows } from "/work/main/src/train/index.ts";

/** Ids and scores of a dataset's images, the likeliest lens first. */
export async function rank(folder: string, run: string) {
  const dataset = await openDataset(folder);
  const model = loadModel(join(run, MODEL_FILE));
  try {
    const rows = dataset.rows();
    const { classes, probabilities } = await predictRows(model, dataset, rows);
    const lens = classes.indexOf("lens");
    return Array.from(rows, (row, i) => ({
      id: dataset.ids[row]!,
      score: probabilities[i * classes.length + lens]!,
    })).sort((a, b) => b.score - a.score);
  } finally {
    model.network.dispose();
    dataset.close();
  }
}
