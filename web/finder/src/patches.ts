/** Where occlusion's patches lie: on a grid that is filled in stages, each of which hides every pixel. */

/** Patches side by side along a side's length. */
const ALONG = 5;

export interface Corner {
  top: number;
  left: number;
}

/** A grid of patches, as `arclet explain --window --stride` lays it. */
export interface Patches {
  /** Side of the patch, pixels. */
  window: number;
  /** Most pixels from one patch to the next. */
  stride: number;
  /** All patches: every second one each way, then those between four of them, then the rest. */
  stages: readonly (readonly Corner[])[];
  count: number;
}

/** Where patches begin: from edge to edge, evenly. */
export function patchStarts(side: number, window: number, stride: number): number[] {
  const room = side - window;
  const steps = Math.ceil(room / stride);
  return Array.from({ length: steps + 1 }, (_, k) => (k === 0 ? 0 : Math.round((k * room) / steps)));
}

/** Whether every second patch along a side reaches both edges and leaves no pixel out. */
function halves(side: number, window: number, stride: number): boolean {
  const steps = Math.ceil((side - window) / stride);
  return steps % 2 === 0 && (steps / 2) * window >= side - window;
}

/** The widest grid whose every second patch is a grid as well; on tiny images there may be none, and one stage has all. */
export function patchesOf(height: number, width: number): Patches {
  const window = Math.ceil(Math.min(height, width) / ALONG);
  const widest = Math.ceil(window / 2);
  const strides = Array.from({ length: widest }, (_, k) => widest - k);
  const halved = strides.find((s) => halves(height, window, s) && halves(width, window, s));
  const stride = halved ?? widest;
  const stages: Corner[][] = [[], [], []];
  for (const [i, top] of patchStarts(height, window, stride).entries())
    for (const [j, left] of patchStarts(width, window, stride).entries()) {
      const stage = halved === undefined || (i % 2 === 0 && j % 2 === 0) ? 0 : i % 2 === j % 2 ? 1 : 2;
      stages[stage]!.push({ top, left });
    }
  const some = stages.filter(({ length }) => length > 0);
  return { window, stride, stages: some, count: some.reduce((sum, { length }) => sum + length, 0) };
}
