/** The least and the most that settings of the display can be. */

/** Noise levels above the sky. */
export const WHITE = [2, 5000] as const;
export const BLACK = [-5, 5] as const;
export const ZOOM = [1, 6] as const;
export const CONTRAST = [0.1, 10] as const;
export const BIAS = [0, 1] as const;

export const within = (value: number, [least, most]: readonly [number, number]): number =>
  Math.min(Math.max(value, least), most);
