/** What a public service that cuts images out of a survey is: where it is, how it is asked, what it answers. */

/** What is asked of a service. */
export interface Cutout {
  /** Degrees, ICRS. */
  ra: number;
  dec: number;
  /** Pixels a side. */
  size: number;
  /** Arcsec a pixel. */
  pixelScale: number;
  /** The service's own name of a release or of a layer. */
  layer: string;
}

/** What a service has to be asked first: where the images of a place are. */
export interface Index {
  /** Path and query. */
  path: string;
  /** Band → what `path` of the cutout needs; null when the answer is none of the service's. Missing bands have no image. */
  read(answer: string): ReadonlyMap<string, string> | null;
}

export interface Archive {
  name: string;
  title: string;
  /** Where its documents say how it is asked. */
  documentation: string;
  /** Scheme and host. */
  base: string;
  bands: readonly string[];
  /** The survey's own, arcsec. */
  pixelScale: number;
  /** Whether it resamples to any pixel scale that it is asked for. */
  resamples: boolean;
  layer: string;
  /** Pixels a side that it gives at most. */
  mostSize: number;
  /** Pixels by which an answer's sides may be more than asked for. */
  more: number;
  index?(cutout: Cutout, bands: readonly string[]): Index;
  /** Path and query of a band's cutout. @param key what the index said of the band; empty without one */
  path(cutout: Cutout, band: string, key: string): string;
  /** The environment's variables of user and password, where it asks for them. */
  account?: { user: string; password: string };
}

/** A path with its query; values are escaped, but for slashes, which these services take as they are. */
export function withQuery(path: string, query: Readonly<Record<string, string | number>>): string {
  const pairs = Object.entries(query).map(
    ([key, value]) => `${key}=${encodeURIComponent(value).replaceAll("%2F", "/")}`,
  );
  return `${path}?${pairs.join("&")}`;
}

/** Degrees to a third of a milliarcsecond. */
export const degrees = (value: number): string => value.toFixed(7);
