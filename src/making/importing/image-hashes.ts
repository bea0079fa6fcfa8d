/** Hashes of images in 16 bytes each, and which images are the same by them. */

/** Numbers of 32 bits that `imageHash`'s 32 hex digits make. */
const WORDS = 4;
const DIGITS = 8;

export class ImageHashes {
  readonly #words: Uint32Array;

  constructor(images: number) {
    this.#words = new Uint32Array(WORDS * images);
  }

  /** @param hash as `imageHash` gives it */
  set(index: number, hash: string): void {
    for (let k = 0; k < WORDS; k++)
      this.#words[WORDS * index + k] = Number.parseInt(hash.slice(DIGITS * k, DIGITS * (k + 1)), 16);
  }

  /** Lists of images that are the same, of two or more each, in the order of their first ones. */
  twins(): number[][] {
    const count = this.#words.length / WORDS;
    const size = 2 ** Math.ceil(Math.log2(2 * count + 2)); // half of the places stay free
    const places = new Int32Array(size); // an image's index + 1; 0 is free
    const byFirst = new Map<number, number[]>();
    for (let index = 0; index < count; index++) {
      let place = this.#words[WORDS * index]! & (size - 1);
      while (places[place] !== 0 && !this.#same(places[place]! - 1, index)) place = (place + 1) & (size - 1);
      if (places[place] === 0) {
        places[place] = index + 1;
        continue;
      }
      const first = places[place]! - 1;
      const twins = byFirst.get(first);
      if (twins === undefined) byFirst.set(first, [first, index]);
      else twins.push(index);
    }
    return [...byFirst.values()].sort(([a], [b]) => a! - b!);
  }

  #same(a: number, b: number): boolean {
    for (let k = 0; k < WORDS; k++)
      if (this.#words[WORDS * a + k] !== this.#words[WORDS * b + k]) return false;
    return true;
  }
}
