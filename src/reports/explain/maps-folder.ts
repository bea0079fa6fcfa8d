/** The files of explained images: maps as `.npy`, their numbers as `explain.csv`, panels and a mosaic. */
import { join } from "node:path";
import type { ImageDomain } from "../../dataset/dataset.ts";
import { NpyWriter } from "../../dataset/npy-writer.ts";
import type { Explanation } from "../../evaluate/explanation/heat.ts";
import { csvText } from "../../foundation/csv.ts";
import { writeFileWhole } from "../../foundation/files.ts";
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
  private readonly table: unknown[][] = [
    ["id", "rank", "score", "method", "row", "max", "peak_x", "peak_y", "radius"],
  ];

  /** @param pictures most panels drawn */
  constructor(folder: string, images: ChosenImages, methods: readonly Explanation[], pictures: number) {
    this.folder = folder;
    this.images = images;
    this.methods = methods;
    this.pictures = pictures;
    this.flat = methods.map(() => 0);
    const map = images.domain.info.shape.slice(1);
    this.files = methods.map((method) => new NpyWriter(join(folder, `maps-${method}.npy`), "f4", map));
  }

  /** Adds the maps of `count` images, from index `first`. */
  append(first: number, count: number, maps: BatchMaps): void {
    for (const [m, file] of this.files.entries()) file.append(maps.heats[m]!, count);
    for (let k = 0; k < count; k++) {
      const heats = this.methods.map((name, m) => ({ name, values: mapAt(maps.heats[m]!, k, count) }));
      this.addNumbers(first + k, heats);
      if (first + k < this.pictures) this.addPanel(first + k, heats, maps.picture(k));
    }
  }

  /** Closes the maps' files. */
  close(): void {
    for (const file of this.files) file.close();
  }

  /** Writes the table and the mosaic. */
  finish(): void {
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
    const id = domain.ids[rows[index]!];
    for (const [m, { name: method, values }] of heats.entries()) {
      const { max, peakX, peakY, radius } = heatNumbers(values, domain.info);
      if (max <= 0) this.flat[m]!++;
      this.table.push([id, index + 1, scores[index], method, index, max, peakX, peakY, radius]);
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
