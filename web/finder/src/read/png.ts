/** PNG pictures of 8 bits: red, green and blue, or grey, as the finder's bands in their order. */
import { decode } from "fast-png";
import type { Image } from "./image.ts";

/** @throws Error that says what is wrong with the file */
export function readPng(name: string, bytes: Uint8Array): Image {
  const { width, height, channels: samples, data, depth, palette } = decode(bytes);
  if (depth !== 8 || palette !== undefined) throw new Error("is no PNG of 8 bits a colour");
  // With two or four, the last is opacity.
  const channels = samples === 2 || samples === 4 ? samples - 1 : samples;
  const plane = width * height;
  const pixels = new Float32Array(channels * plane);
  for (let i = 0; i < plane; i++)
    for (let c = 0; c < channels; c++) pixels[c * plane + i] = data[i * samples + c]!;
  return { name, channels, height, width, pixels, display: true };
}
