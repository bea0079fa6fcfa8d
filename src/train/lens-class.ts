/** The class of lenses: `lens`, else the last. */
export const lensClass = (classes: readonly string[]): number =>
  classes.includes("lens") ? classes.indexOf("lens") : classes.length - 1;
