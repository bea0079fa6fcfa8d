/** The quantities that recipes are written in: their ranges and units. */
import { z } from "zod";
import { quantity, type Range } from "./distribution.ts";

export const ANY: Range = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
export const magnitude = (...on: string[]) => quantity({ range: [10, 32], unit: "mag", on });
export const fainter = () => quantity({ range: [-5, 10], unit: "mag" });
export const colour = (...on: string[]) => quantity({ range: ANY, on });
export const size = (...on: string[]) => quantity({ range: [0.001, 60], unit: "arcsec", on });
export const factor = () => quantity({ range: [0.001, 100] });
export const distance = () => quantity({ range: [0, 300] });
export const index = () => quantity({ range: [0.3, 10] });
export const axisRatio = (...on: string[]) => quantity({ range: [0.05, 1], on });
export const part = () => quantity({ range: [0, 1] });
export const count = () => quantity({ range: [0, 1000], whole: true });
/** A Poisson count needs no upper end. */
export const poisson = () => quantity({ range: [0, Number.POSITIVE_INFINITY], whole: true });
export const redshift = () => quantity({ range: [0.001, 20], redshift: true });
export const turn = () => quantity({ range: ANY, unit: "radians" });
export const share = () => z.number().min(0).max(1);
export const pair = () => z.tuple([z.number(), z.number()]);
