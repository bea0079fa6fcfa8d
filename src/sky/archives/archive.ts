/** A public service that cuts images out of a survey: its address, its requests and its answers. */

/** A request to a service. */
export interface Cutout {
  /** Degrees, ICRS. */
  ra: number;
  dec: number;
  /** Pixels per side. */
  size: number;
  /** Arcsec per pixel. */
  pixelScale: number;
  /** The service's own name for a release or layer. */
  layer: string;
}

/** A first request that some services need: which images cover a position. */
export interface Index {
  /** Path and query. */
  path: string;
  /** Band → the key that `path` needs; null if the service would not answer so. Bands without an image are left out. */
  read(answer: string): ReadonlyMap<string, string> | null;
}

export interface Archive {
  name: string;
  title: string;
  /** Where its requests are documented. */
  documentation: string;
  /** Scheme and host. */
  base: string;
  bands: readonly string[];
  /** The survey's own pixel scale, arcsec. */
  pixelScale: number;
  /** Whether it resamples to any requested pixel scale. */
  resamples: boolean;
  layer: string;
  /** Largest size of a cutout, pixels. */
  mostSize: number;
  /** Pixels by which a cutout may exceed the requested size. */
  more: number;
  index?(cutout: Cutout, bands: readonly string[]): Index;
  /** Path and query of a band's cutout. @param key the band's key in the index; empty if there is no index */
  path(cutout: Cutout, band: string, key: string): string;
  /** Environment variables of user and password, if it needs them. */
  account?: { user: string; password: string };
}

/** A path with its query; values are escaped, except slashes, which these services take as they are. */
export function withQuery(path: string, query: Readonly<Record<string, string | number>>): string {
  const pairs = Object.entries(query).map(
    ([key, value]) => `${key}=${encodeURIComponent(value).replaceAll("%2F", "/")}`,
  );
  return `${path}?${pairs.join("&")}`;
}

/** Degrees, to a third of a milliarcsecond. */
export const degrees = (value: number): string => value.toFixed(7);
