/** Names of bands that are meant as a survey's, but spelled otherwise: bands go by name in all that follows. */
import { ArcletError } from "../foundation/errors.ts";
import { surveys } from "../sky/surveys/registry.ts";

/**
 * Refuses `G` or `HSC-G` for HSC's `g`. Other names are the user's own: a survey has more bands than can be simulated.
 *
 * @param where the command
 * @param survey null, or a name that need not be known
 * @throws ArcletError naming the survey's bands, and the one that seems to be meant
 */
export function refuseOtherSpelling(where: string, survey: string | null, bands: readonly string[]): void {
  if (survey === null || !surveys.has(survey)) return;
  const known = surveys.find(survey).bands.map(({ name }) => name);
  for (const band of bands) {
    if (known.includes(band)) continue;
    const parts = [band, ...band.split(/[^A-Za-z0-9]+/)].map((part) => part.toLowerCase());
    const meant = known.find((name) => parts.includes(name.toLowerCase()));
    if (meant === undefined || bands.includes(meant)) continue;
    throw new ArcletError({
      where,
      code: "argument",
      field: "bands",
      must: `names as ${survey} has them (${known.join(", ")})`,
      got: band,
      near: meant,
    });
  }
}
