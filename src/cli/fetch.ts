/** `arclet fetch`: cutouts of a catalogue's objects from a survey's public service. */
import { join } from "node:path";
import { SET_ASIDE_FILE } from "../dataset/set-aside.ts";
import { refuse } from "../foundation/errors.ts";
import { progress } from "../foundation/progress.ts";
import { version } from "../foundation/version.ts";
import { fetchConfig } from "../making/fetching/config.ts";
import type { FetchReport } from "../making/fetching/fetch.ts";
import { MANIFEST_FILE } from "../making/fetching/manifest.ts";
import { archives } from "../sky/archives/registry.ts";
import { command } from "./command.ts";
import { apart, divided, dividedFields } from "./divided.ts";

const services = archives.list.map(
  ({ name, title, bands, pixelScale }) =>
    `${name}: ${title}, ${bands.join(" ")}, ${pixelScale} arcsec a pixel`,
);

export const fetchCommand = command({
  details:
    `Downloads a FITS file of every object in each band, named id_band.fits, and writes ${MANIFEST_FILE} (file, address, ` +
    "SHA-256). Every file is checked: FITS, complete, of the requested size, not blank. Requests are polite: few at a time, " +
    "with a pause between them; retries wait longer each time, and Retry-After is honoured. Complete files are not fetched " +
    `again, so the same command resumes an interrupted one, and retries the objects in ${SET_ASIDE_FILE}. ` +
    "HSC needs an account: set ARCLET_HSC_USER and ARCLET_HSC_PASSWORD in the environment. Services: " +
    `${services.join("; ")}.`,
  schema: fetchConfig.extend(dividedFields),
  example: "arclet fetch --survey legacy --catalog table.csv --bands g,r,z --size 64 --out cutouts",
  async run(values) {
    const { own: config, about } = apart(values);
    const { programs } = config;
    const agent = `arclet/${version()}`;
    const report = (made: FetchReport) => reportLines(config, made);
    if (about.on !== "here" && about.atMost !== null && about.atMost > programs)
      refuse("fetch", "--at-most", `at most --programs, ${programs}: the rest would wait`, about.atMost);
    const atMost = about.on !== "here" ? (about.atMost ?? programs) : about.atMost;
    const inShards = await divided("fetch", { ...about, atMost }, async () => {
      const { dividedFetch } = await import("../making/fetching/divided.ts");
      return dividedFetch(config, { agent, report });
    });
    if (inShards) return;
    const { fetchCutouts } = await import("../making/fetching/fetch.ts");
    const made = await fetchCutouts(config, {
      agent,
      onNote: (note) => console.log(note),
      bar: (total) => progress("fetch", total, "cutouts"),
    });
    for (const line of report(made)) console.log(line);
  },
});

function reportLines(
  { out, survey }: { out: string; survey: string },
  { fetched, already, setAside }: FetchReport,
): string[] {
  return [
    `${out}: ${fetched} cutouts fetched, ${already} were there already`,
    ...(setAside.length === 0
      ? []
      : [
          `  ${setAside.length} set aside in ${join(out, SET_ASIDE_FILE)}, e.g. ${setAside[0]!.id}: ${setAside[0]!.reason}`,
        ]),
    `  please credit the survey as it asks: ${archives.find(survey).documentation}`,
  ];
}
