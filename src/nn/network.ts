/** A whole network: encoder, head, classifier. */
import { dividedRows } from "../torch/ranks.ts";
import type { Tensor } from "../torch/tensor.ts";
import { GroupedLinear } from "./grouped-linear.ts";
import { Module } from "./module.ts";

/**
 * encoder → head → classifier. Domains are aligned on the features between head and classifier.
 * State `encoder.…`, `head.…` (if there is one), `classifier.…`.
 */
export class Network extends Module {
  /** From images to features. */
  readonly encoder: Module;
  /** From the encoder's features to those that domains are aligned on; null for none. */
  readonly head: Module | null;
  /** From features to logits. */
  readonly classifier: Module;

  /**
   * @param encoder (B, C, H, W) → (B, F)
   * @param head (B, F) → (B, D); null leaves the encoder's features as they are
   * @param classifier (B, D) → logits (B, K)
   */
  constructor(encoder: Module, head: Module | null, classifier: Module) {
    super();
    this.encoder = this.child("encoder", encoder);
    this.head = head && this.child("head", head);
    this.classifier = this.child("classifier", classifier);
  }

  /** x (B, C, H, W) → features (B, D). Of several ranks each computes its rows of the batch. */
  features(x: Tensor): Tensor {
    const { encoder, head } = this;
    const learned = () => [...encoder.parameters(), ...(head?.parameters() ?? [])];
    return dividedRows(x, learned, (rows) => {
      const encoded = encoder.forward(rows); // (b, F)
      return head === null ? encoded : head.forward(encoded);
    });
  }

  /** features (B, D) → the classifier's outputs (B, O): those of kinds if it has some, else the logits of the classes */
  outputs(features: Tensor): Tensor {
    const { classifier } = this;
    return classifier instanceof GroupedLinear ? classifier.outputs(features) : classifier.forward(features);
  }

  /** outputs (B, O) → logits of the classes (B, K) */
  classLogits(outputs: Tensor): Tensor {
    const { classifier } = this;
    return classifier instanceof GroupedLinear ? classifier.classLogits(outputs) : outputs;
  }

  /** x (B, C, H, W) → logits of the classes (B, K) */
  override forward(x: Tensor): Tensor {
    return this.classifier.forward(this.features(x));
  }
}
