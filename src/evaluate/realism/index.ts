/** The realism gate: how well simulated images can be told from real ones, and by what. */
export { type Difference, difference, type Spread } from "./difference.ts";
export {
  imagesLearned,
  measureRealism,
  type Realism,
  type RealismOptions,
  type Sample,
  type Told,
} from "./realism.ts";
export { imageStatistics, type Statistics } from "./statistics.ts";
