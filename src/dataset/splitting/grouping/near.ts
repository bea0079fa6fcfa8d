/** Pairs of images whose fingerprints are alike, among many. */
import { safePoint } from "../../../foundation/interrupt.ts";
import { BITS, type Fingerprints, LENGTH, TURNED, TURNS, WORDS } from "./fingerprint.ts";

/** Hashes of images that are alike differ in at most this many bits; of others, 1 pair in 10^5 does. */
const MOST_BITS = 24;
/** Up to this many images, all pairs are compared. */
const ALL_PAIRS = 4096;
/** Beyond that, those that agree in one of this many parts of the hash, 16 bits each (every sixth). */
const PARTS = 6;
const PART_BITS = BITS / PARTS;
/** In each part, this many bits with the smallest coefficients may have flipped: all combinations are tried. */
const WEAK = 3;
const EVERY = 256;

export interface NearOptions {
  /** Smallest correlation of two fingerprints that are alike. */
  least: number;
  /** Whether a pair is of interest; called before the correlation is computed. */
  relevant(a: number, b: number): boolean;
  /** Called with each pair, perhaps more than once, and its correlation. */
  report(a: number, b: number, likeness: number): void;
  tick?: (images: number) => void;
  /** With more images than this, the lookup by parts is used; for tests. */
  allPairs?: number;
}

/**
 * Finds pairs that are alike, however one is turned or mirrored. Of few images, all pairs are compared. Of many, only
 * those that agree in a part of their hash (multi-index hashing; Norouzi, Punjani & Fleet 2012, CVPR, section 3) up to
 * its weakest bits (multi-probe; Lv et al. 2007, VLDB 33): fast, but a few pairs in a hundred are missed.
 *
 * @throws Interrupted when the user stops it
 */
export async function nearPairs(prints: Fingerprints, options: NearOptions): Promise<void> {
  const { count, hashes, norms } = prints;
  const { least, relevant, report, tick = () => {}, allPairs = ALL_PAIRS } = options;
  const index = count > allPairs ? new Parts(prints) : null;
  const seen = new Int32Array(index === null ? 0 : count).fill(-1);
  const turned = new Int32Array(WORDS);
  const compare = (a: number, b: number) => {
    let bits = 0;
    for (let w = 0; w < WORDS; w++) bits += ones(turned[w]! ^ hashes[b * WORDS + w]!);
    if (bits > MOST_BITS || norms[b] === 0 || !relevant(a, b)) return;
    if (index !== null) {
      if (seen[b] === a) return;
      seen[b] = a;
    }
    let best = -1;
    for (let way = 0; way < TURNS; way++) best = Math.max(best, prints.likeness(a, way, b));
    if (best >= least) report(a, b, best);
  };
  for (let a = 0; a < count; a++) {
    if (a % EVERY === 0) {
      await safePoint("nothing was written");
      if (a > 0) tick(EVERY);
    }
    if (norms[a] === 0) continue;
    for (let way = 0; way < TURNS; way++) {
      turn(prints, a, way, turned);
      if (index === null) for (let b = 0; b < a; b++) compare(a, b);
      else
        index.probe(a, way, turned, (b) => {
          if (b !== a) compare(a, b);
        });
    }
  }
  tick(count === 0 ? 0 : ((count - 1) % EVERY) + 1);
}

/** The hash of an image in another orientation. */
function turn({ hashes }: Fingerprints, a: number, way: number, into: Int32Array): void {
  const { from, sign } = TURNED[way]!;
  into.fill(0);
  for (let k = 0; k < BITS; k++) {
    const source = from[k]!;
    const bit = (hashes[a * WORDS + (source >> 5)]! >>> (source & 31)) & 1;
    if (bit === (sign[k]! > 0 ? 1 : 0)) into[k >> 5]! |= 1 << (k & 31);
  }
}

function ones(word: number): number {
  let x = word - ((word >>> 1) & 0x55555555);
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Images by each part of their hash. */
class Parts {
  private readonly prints: Fingerprints;
  /** Where each value of a part begins in `order`, 2^16 + 1 numbers per part. */
  private readonly starts: Int32Array[] = [];
  private readonly order: Int32Array[] = [];

  constructor(prints: Fingerprints) {
    this.prints = prints;
    const { count, norms, hashes } = prints;
    for (let part = 0; part < PARTS; part++) {
      const keys = new Uint16Array(count);
      const starts = new Int32Array((1 << PART_BITS) + 1);
      for (let i = 0; i < count; i++) {
        keys[i] = keyOf(hashes, i * WORDS, part);
        if (norms[i] !== 0) starts[keys[i]! + 1]!++;
      }
      for (let key = 0; key < 1 << PART_BITS; key++) starts[key + 1]! += starts[key]!;
      const next = starts.slice();
      const order = new Int32Array(starts[1 << PART_BITS]!);
      for (let i = 0; i < count; i++) if (norms[i] !== 0) order[next[keys[i]!]!++] = i;
      this.starts.push(starts);
      this.order.push(order);
    }
  }

  /** Visits all images that agree in a part with a turned hash, except perhaps in its weakest bits. */
  probe(a: number, way: number, turned: Int32Array, visit: (b: number) => void): void {
    const { from } = TURNED[way]!;
    const { vectors } = this.prints;
    for (let part = 0; part < PARTS; part++) {
      const weak = [-1, -1, -1];
      const sizes = [128, 128, 128];
      for (let bit = 0; bit < PART_BITS; bit++) {
        const size = Math.abs(vectors[a * LENGTH + from[bit * PARTS + part]!]!);
        let rank = WEAK;
        while (rank > 0 && size < sizes[rank - 1]!) rank--;
        if (rank === WEAK) continue;
        weak.splice(rank, 0, bit);
        sizes.splice(rank, 0, size);
        weak.pop();
        sizes.pop();
      }
      const key = keyOf(turned, 0, part);
      const [starts, order] = [this.starts[part]!, this.order[part]!];
      for (let flips = 0; flips < 1 << WEAK; flips++) {
        let probed = key;
        for (let w = 0; w < WEAK; w++) if (flips & (1 << w)) probed ^= 1 << weak[w]!;
        for (let i = starts[probed]!; i < starts[probed + 1]!; i++) visit(order[i]!);
      }
    }
  }
}

/** A part of a hash: its bits `part`, `part + PARTS`, … */
function keyOf(words: Int32Array, start: number, part: number): number {
  let key = 0;
  for (let bit = 0; bit < PART_BITS; bit++) {
    const k = bit * PARTS + part;
    key |= ((words[start + (k >> 5)]! >>> (k & 31)) & 1) << bit;
  }
  return key;
}
