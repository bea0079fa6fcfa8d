/** How a survey shows its flux in colours. */
import { surveys } from "../sky/surveys/registry.ts";
import type { Composite } from "./contract.ts";

/** The survey's own composite, if Arclet knows the survey and the dataset has its three bands; else null. */
export function compositeOf(survey: string | null, bands: readonly string[]): Composite | null {
  const display = surveys.list.find(({ name }) => name === survey)?.display;
  if (display === undefined || display.bands.length !== 3) return null;
  const channels = display.bands.map((name) => bands.indexOf(name));
  if (channels.includes(-1)) return null;
  return { channels, scales: [...display.scales] } as Composite;
}
