/** Frames of a survey: read by windows, searched for sources, found by a place on the sky, cut and resampled. */
export * from "./detect-frame.ts";
export * from "./frame-image.ts";
export * from "./frame-index.ts";
export * from "./grid.ts";
export * from "./interpolate.ts";
