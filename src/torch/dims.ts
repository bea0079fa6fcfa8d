/** A dimension, or several; negative ones count from the end. */
export type Dims = number | readonly number[];

/** As libtorch's operators take them. */
export const dimList = (dim: Dims | undefined) => (typeof dim === "number" ? [dim] : dim);
