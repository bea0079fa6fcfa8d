/** The services that make cutouts of surveys, by name. */
import { registry } from "../../foundation/registry.ts";
import type { Archive } from "./archive.ts";
import { hsc } from "./hsc.ts";
import { legacy } from "./legacy.ts";
import { panstarrs } from "./panstarrs.ts";
import { sdss } from "./sdss.ts";

export const archives = registry<Archive>("survey", [legacy, panstarrs, hsc, sdss]);
