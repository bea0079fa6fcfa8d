/** The services that make cutouts of surveys, by name. */
import type { Archive } from "./archive.ts";
import { hsc } from "./hsc.ts";
import { legacy } from "./legacy.ts";
import { panstarrs } from "./panstarrs.ts";
import { sdss } from "./sdss.ts";

export const archives = { legacy, panstarrs, hsc, sdss } satisfies Record<string, Archive>;
