/** Batch normalisation of regular fields: one mean and variance per field, shared across the group axis. */
import { BatchNorm } from "../../nn/batchnorm.ts";
import type { Tensor } from "../../torch/tensor.ts";

/** x (B, |G| F, H, W) → the same shape; state as in BatchNorm, for F fields. Sharing keeps it equivariant. */
export class FieldNorm extends BatchNorm {
  private readonly fields: number;

  constructor(fields: number) {
    super(fields);
    this.fields = fields;
  }

  override forward(x: Tensor): Tensor {
    const { fields } = this;
    const [batch, channels, height, width] = x.shape as [number, number, number, number];
    const order = channels / fields;
    // The group axis is merged into the batch, or in channels-last memory into the width, so that nothing is copied.
    if (x.strides[1] !== 1 || height * width === 1) {
      return super.forward(x.reshape([batch * order, fields, height, width])).reshape(x.shape);
    }
    const merged = x
      .permute([0, 2, 3, 1]) // (B, H, W, |G| F)
      .reshape([batch, height, width * order, fields])
      .permute([0, 3, 1, 2]); // (B, F, H, W |G|)
    return super
      .forward(merged)
      .permute([0, 2, 3, 1])
      .reshape([batch, height, width, channels])
      .permute([0, 3, 1, 2]);
  }
}
