/** A request of cutouts before anything is fetched: whose, from where, and at which pace. */
import { objectsOf } from "../../catalog/objects.ts";
import { hduOption, readCatalog } from "../../catalog/read.ts";
import type { SetAside } from "../../dataset/set-aside.ts";
import { ArcletError, refuse } from "../../foundation/errors.ts";
import { accountIn } from "../../foundation/secrets.ts";
import type { Archive, Cutout } from "../../sky/archives/archive.ts";
import { archives } from "../../sky/archives/registry.ts";
import type { FetchConfig } from "./config.ts";
import { keyOf, type Request } from "./manifest.ts";
import { PoliteClient } from "./polite.ts";

export interface Job {
  row: number;
  id: string;
  cutout: Cutout;
}

/** What all cutouts of a request share. */
export interface Ready {
  config: FetchConfig;
  archive: Archive;
  /** The service's address. */
  base: string;
  client: PoliteClient;
  request: Request;
  /** Objects with a position, in the catalogue's order. */
  jobs: Job[];
  /** Objects without one. */
  unplaced: SetAside[];
  /** How the catalogue's columns were understood, one line each. */
  notes: readonly string[];
}

/**
 * @param agent the User-Agent of requests
 * @param saved what to tell the user about what was saved, on interruption
 * @throws ArcletError for a catalogue that can't be read, settings that the service doesn't have, or without its account
 */
export async function readyToFetch(config: FetchConfig, agent: string, saved: string): Promise<Ready> {
  const archive = archives.find(config.survey);
  const { base, authorization: given, layer, pixelScale } = settingsOf(config, archive);
  const { notes, ...objects } = await jobsOf(config, { layer, pixelScale });
  const authorization = given ?? accountOf(archive);
  const { parallel, pause, programs, size, survey } = config;
  if (programs > parallel) refuse("fetch", "programs", `at most --parallel, ${parallel}`, programs);
  // Limits are the service's: what is allowed in all is shared.
  const shared = { ...config, pause: pause * programs, parallel: Math.floor(parallel / programs) };
  return {
    ...{ config: shared, archive, base, notes, ...objects },
    client: new PoliteClient({ ...shared, agent, authorization }, saved),
    request: { survey, layer, size, pixelScale },
  };
}

/** The cutouts of some objects, in their order, as the manifest names them. */
export const keysOf = ({ config }: Ready, jobs: readonly Job[]): string[] =>
  jobs.flatMap(({ id }) => config.bands.map((band) => keyOf(id, band)));

/** The catalogue's objects with a position, and those without. */
async function jobsOf(
  { catalog: path, size, ...config }: FetchConfig,
  request: Pick<Cutout, "layer" | "pixelScale">,
): Promise<Pick<Ready, "jobs" | "unplaced" | "notes">> {
  const columns = { id: config.idColumn, ra: config.raColumn, dec: config.decColumn };
  const catalog = await readCatalog(path, hduOption(config.catalogHdu));
  const objects = objectsOf(catalog, columns);
  const unplaced: SetAside[] = [];
  const jobs = objects.ids.flatMap((id, row): Job[] => {
    const [ra, dec] = [objects.ra[row]!, objects.dec[row]!];
    if (!Number.isNaN(ra + dec)) return [{ row, id, cutout: { ra, dec, size, ...request } }];
    const why = objects.flaws.get(row);
    unplaced.push({
      row,
      id,
      kind: "no position",
      reason: `no position${why === undefined ? "" : `: ${why}`}`,
    });
    return [];
  });
  return { jobs, unplaced, notes: [...catalog.notes, ...objects.notes] };
}

function settingsOf(config: FetchConfig, archive: Archive) {
  const { bands, size, pixelScale } = config;
  const unknown = bands.find((band) => !archive.bands.includes(band));
  if (unknown !== undefined)
    refuse("fetch", "bands", `among ${archive.name}'s ${archive.bands.join(", ")}`, unknown);
  if (new Set(bands).size < bands.length) refuse("fetch", "bands", "each given once", bands);
  if (size > archive.mostSize)
    refuse("fetch", "size", `at most ${archive.name}'s ${archive.mostSize}`, size, "too-large");
  if (pixelScale !== null && pixelScale !== archive.pixelScale && !archive.resamples)
    refuse(
      "fetch",
      "pixelScale",
      `${archive.name}'s ${archive.pixelScale}, as it does not resample`,
      pixelScale,
    );
  const { address, authorization } = accountIn(config.baseUrl ?? archive.base);
  return {
    layer: config.layer ?? archive.layer,
    pixelScale: pixelScale ?? archive.pixelScale,
    base: address.replace(/\/+$/, ""),
    authorization,
  };
}

/** HTTP basic authentication. @throws ArcletError when the service needs an account and the environment has none */
function accountOf({ account, name }: Archive): string | null {
  if (account === undefined) return null;
  const [user, password] = [process.env[account.user], process.env[account.password]];
  if (!user || !password)
    throw new ArcletError({
      where: "fetch",
      code: "missing",
      problem: `${name} needs an account: set ${account.user} and ${account.password} in the environment`,
    });
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}
