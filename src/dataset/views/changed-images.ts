/** A domain whose images are changed as they are read. */
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";
import type { ImageDomain, ImageInfo, Positions, Rows } from "../dataset.ts";
import type { Split } from "../info.ts";

export class ChangedImages implements ImageDomain {
  readonly info: ImageInfo;
  private readonly domain: ImageDomain;
  private readonly change: (images: Tensor) => Tensor;

  /**
   * @param info what the dataset says of its changed images
   * @param change of a batch, (B, C, H, W)
   */
  constructor(domain: ImageDomain, info: ImageInfo, change: (images: Tensor) => Tensor) {
    this.domain = domain;
    this.info = info;
    this.change = change;
  }

  get folder(): string {
    return this.domain.folder;
  }
  get count(): number {
    return this.domain.count;
  }
  get ids(): readonly string[] {
    return this.domain.ids;
  }
  get groups(): readonly string[] {
    return this.domain.groups;
  }
  get splits(): readonly Split[] {
    return this.domain.splits;
  }
  rows(...splits: Split[]): Int32Array {
    return this.domain.rows(...splits);
  }
  images(rows: Rows): Tensor {
    return tidy(() => this.change(this.domain.images(rows)));
  }
  /** Hashes of the images as stored. */
  imageHashes(): readonly string[] {
    return this.domain.imageHashes();
  }
  positions(): Positions | undefined {
    return this.domain.positions();
  }
  close(): void {
    this.domain.close();
  }
}
