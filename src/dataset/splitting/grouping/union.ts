/** Disjoint sets of rows. */

/** Rows 0 … n − 1, each a set of its own until united (Tarjan 1975: union by size, path halving). */
export class Union {
  private readonly parent: Int32Array;
  private readonly sizes: Int32Array;

  constructor(n: number) {
    this.parent = Int32Array.from({ length: n }, (_, i) => i);
    this.sizes = new Int32Array(n).fill(1);
  }

  /** The row that represents a row's set. */
  find(row: number): number {
    const { parent } = this;
    let root = row;
    while (parent[root] !== root) {
      parent[root] = parent[parent[root]!]!;
      root = parent[root]!;
    }
    return root;
  }

  /** @returns whether they were apart */
  unite(a: number, b: number): boolean {
    let [large, small] = [this.find(a), this.find(b)];
    if (large === small) return false;
    if (this.sizes[large]! < this.sizes[small]!) [large, small] = [small, large];
    this.parent[small] = large;
    this.sizes[large]! += this.sizes[small]!;
    return true;
  }

  /** Unites all rows of equal keys; a null key joins nothing. */
  uniteEqual(keys: readonly (string | null)[]): void {
    const first = new Map<string, number>();
    keys.forEach((key, row) => {
      if (key === null) return;
      const before = first.get(key);
      if (before === undefined) first.set(key, row);
      else this.unite(before, row);
    });
  }
}
