import { openDataset } from "/work/main/src/dataset/index.ts";
import { tidy } from "/work/main/src/torch/index.ts";

/** The share of lenses among a split's labelled images, and the mean of its pixels. */
export async function describe(folder: string) {
  const dataset = await openDataset(folder);
  try {
    const rows = dataset.labelledRows("train");
    const lens = dataset.info.classes.indexOf("lens");
    const share = dataset.labels(rows).filter((label) => label === lens).length / rows.length;
    const mean = tidy(() => dataset.images(rows).to("float32").mean().item()); // (N, C, H, W)
    return { shape: dataset.info.shape, count: dataset.count, share, mean };
  } finally {
    dataset.close();
  }
}
