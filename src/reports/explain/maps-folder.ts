/**
 * The files of explained images: maps as `.npy`, their numbers as `explain.csv`, panels and a mosaic. The maps take the
 * time; all else is made of them again when an interrupted folder is resumed.
 */
import { closeSync, existsSync, openSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import type { ImageDomain, Positions } from "../../dataset/dataset.ts";
import { HEADER_BYTES, NpyWriter } from "../../dataset/npy-writer.ts";
import type { Explanation } from "../../evaluate/explanation/heat.ts";
import { csvText } from "../../foundation/csv.ts";
import { guarded, writeFileWhole } from "../../foundation/files.ts";
import { type Heat, type Panel, panel } from "../../pictures/explanation-panel.ts";
import { mosaicPng } from "../../pictures/mosaic.ts";
import { type BatchMaps, mapAt, panelName } from "./maps.ts";
import { heatNumbers } from "./words.ts";

export interface ChosenImages {
  domain: ImageDomain;
  /** The class whose score is explained. */
  name: string;
  /** Best score first. */
  rows: readonly number[];
  scores: readonly number[];
}

const mapsFile = (folder: string, method: Explanation): string => join(folder, `maps-${method}.npy`);

/**
 * For how many images a folder has the maps of all methods.
 *
 * @param bytes of a map
 */
export function mapsIn(folder: string, methods: readonly Explanation[], bytes: number): number {
  const counts = methods.map((method) => {
    const path = mapsFile(folder, method);
    if (!existsSync(path)) return 0;
    return Math.max(0, Math.floor((guarded(path, () => statSync(path).size) - HEADER_BYTES) / bytes));
  });
  return Math.min(...counts);
}

export class MapsFolder {
  /** Panels of the first images. */
  readonly panels: Panel[] = [];
  /** Number of maps without any heat, by method. */
  readonly flat: number[];
  private readonly folder: string;
  private readonly images: ChosenImages;
  private readonly methods: readonly Explanation[];
  private readonly pictures: number;
  private readonly files: NpyWriter[];
  private readonly positions: Positions | undefined;
  private readonly table: unknown[][];

  /**
   * @param pictures most panels drawn
   * @param kept images whose maps are there; they are to be taken up with `again`
   */
  constructor(
    folder: string,
    images: ChosenImages,
    methods: readonly Explanation[],
    pictures: number,
    kept = 0,
  ) {
    this.folder = folder;
    this.images = images;
    this.methods = methods;
    this.pictures = pictures;
    this.flat = methods.map(() => 0);
    this.positions = images.domain.positions();
    const known = this.positions === undefined ? [] : ["ra", "dec"];
    this.table = [["id", "rank", "score", "method", "row", "max", "peak_x", "peak_y", "radius", ...known]];
    const map = images.domain.info.shape.slice(1);
    this.files = methods.map((method) => new NpyWriter(mapsFile(folder, method), "f4", map, kept));
  }

  /** The maps of `count` images from `first` on that are there. */
  written(first: number, count: number): Float32Array[] {
    const [height, width] = this.images.domain.info.shape.slice(1) as [number, number];
    return this.files.map(({ path }) => {
      const maps = new Float32Array(count * height * width);
      const bytes = new Uint8Array(maps.buffer);
      const file = guarded(path, () => openSync(path, "r"));
      try {
        const start = HEADER_BYTES + (first * bytes.length) / count;
        for (let done = 0; done < bytes.length; )
          done += guarded(path, () => readSync(file, bytes, done, bytes.length - done, start + done));
      } finally {
        closeSync(file);
      }
      return maps;
    });
  }

  /** Adds the maps of `count` images, from index `first`. */
  append(first: number, count: number, maps: BatchMaps): void {
    for (const [m, file] of this.files.entries()) file.append(maps.heats[m]!, count);
    this.again(first, count, maps);
  }

  /** Takes up maps that are there. */
  again(first: number, count: number, maps: BatchMaps): void {
    for (let k = 0; k < count; k++) {
      const heats = this.methods.map((name, m) => ({ name, values: mapAt(maps.heats[m]!, k, count) }));
      this.addNumbers(first + k, heats);
      if (first + k < this.pictures) this.addPanel(first + k, heats, maps.picture(k));
    }
  }

  /** Closes the maps' files as they are. */
  abandon(): void {
    for (const file of this.files) file.abandon();
  }

  /** Ends the maps' files, and writes the table and the mosaic. */
  finish(): void {
    for (const file of this.files) file.close();
    writeFileWhole(join(this.folder, "explain.csv"), csvText(this.table));
    writeFileWhole(
      join(this.folder, "mosaic.png"),
      mosaicPng(
        this.panels.flatMap(({ tiles }) => tiles),
        { columns: 3 },
      ),
    );
  }

  private addNumbers(index: number, heats: readonly Heat[]): void {
    const { domain, rows, scores } = this.images;
    const row = rows[index]!;
    const id = domain.ids[row];
    const { ra, dec } = this.positions ?? {};
    const where = ra === undefined || dec === undefined ? [] : [ra[row], dec[row]];
    for (const [m, { name: method, values }] of heats.entries()) {
      const { max, peakX, peakY, radius } = heatNumbers(values, domain.info);
      if (max <= 0) this.flat[m]!++;
      this.table.push([id, index + 1, scores[index], method, index, max, peakX, peakY, radius, ...where]);
    }
  }

  private addPanel(index: number, heats: readonly Heat[], picture: ReturnType<BatchMaps["picture"]>): void {
    const { domain, name, rows, scores } = this.images;
    const id = domain.ids[rows[index]!]!;
    const title = [`${index + 1}  p(${name}) = ${scores[index]!.toFixed(3)}`, id];
    const drawn = panel({ picture, heats, title, pixelScale: domain.info.pixelScale });
    this.panels.push(drawn);
    writeFileWhole(join(this.folder, "panels", panelName(index, id)), drawn.svg);
  }
}
