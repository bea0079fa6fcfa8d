/** How much of a map's heat is where it should be. */

/**
 * The share of the heat in a mask, over the mask's share of the area: 1 is chance, 1 / area share is all of it. Negative
 * heat counts as none.
 *
 * @param heat (H W)
 * @param mask 1 inside (H W)
 * @returns null if there is no heat, or the mask is empty
 */
export function concentration(heat: ArrayLike<number>, mask: ArrayLike<number>): number | null {
  let [inside, all, area] = [0, 0, 0];
  for (let i = 0; i < heat.length; i++) {
    const value = Math.max(0, heat[i]!);
    all += value;
    if (mask[i]! > 0) {
      inside += value;
      area++;
    }
  }
  return all > 0 && area > 0 ? inside / all / (area / heat.length) : null;
}
