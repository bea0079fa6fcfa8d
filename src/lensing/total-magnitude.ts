/** The magnitude of several lights together. */
import type { Light } from "./scene.ts";

/** AB magnitude of the lights' total flux in a band, by its index; null without light. */
export function totalMagnitude(lights: readonly Pick<Light, "magnitudes">[], band: number): number | null {
  if (lights.length === 0) return null;
  return -2.5 * Math.log10(lights.reduce((sum, { magnitudes }) => sum + 10 ** (-0.4 * magnitudes[band]!), 0));
}
