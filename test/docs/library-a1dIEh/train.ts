import { train, trainConfig } from "/work/main/src/train/index.ts";

/** Adapts a small network from a labelled source to a target, and says which epoch was chosen. */
export async function adapt(source: string, target: string, method: string, out: string) {
  const config = trainConfig({
    source,
    target,
    method,
    encoder: "cnn",
    cnn: { widths: [4, 8] },
    head: { width: 16 },
    batch: 16,
    stepsPerEpoch: 4,
    epochs: 1,
    seed: 1,
    precision: "float32",
    out,
  });
  const { chosen, select } = await train(config);
  return { epoch: chosen.epoch, by: select, score: chosen.validators[select]!, numbers: chosen.train };
}
