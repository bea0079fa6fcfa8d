/** The parts of a search with their hashes and the commands that made them. */
import { join } from "node:path";
import { fileHash } from "../../dataset/hash.ts";
import { INFO_FILE } from "../../dataset/info.ts";
import { designPath } from "../../evaluate/designed-sample/design.ts";
import type { SearchParts } from "./search.ts";

export interface MadeBy {
  readonly part: string;
  readonly path: string;
  /** SHA-256: of a dataset its content hash, of anything else of the file. */
  readonly sha256: string;
  /** Null where the part doesn't keep it. */
  readonly command: string | null;
}

/** In the order in which they are made. */
export function madeBy({ search, dataset, finders, combination, survey, selection }: SearchParts): MadeBy[] {
  const file = (part: string, path: string, command: string | null = null): MadeBy => ({
    ...{ part, path, command },
    sha256: fileHash(path),
  });
  const { sample, grades } = search;
  return [
    ...(dataset === null
      ? []
      : [
          {
            part: "dataset",
            path: join(search.dataset!, INFO_FILE),
            sha256: dataset.info.contentHash,
            command: commandIn(dataset.info.provenance),
          },
        ]),
    ...finders.map(({ model, sha256, command }) => ({ part: "finder", path: model, sha256, command })),
    file("scores", search.scores),
    ...(sample === null ? [] : [file("sample", sample, commandIn(survey.design?.provenance))]),
    ...(survey.design === null ? [] : [file("design", designPath(sample!), null)]),
    ...(grades === null ? [] : [file("grades", grades.path)]),
    ...(combination === null
      ? []
      : [
          file("combination", combination.file, combination.combination.command),
          file("combined scores", combination.scores),
        ]),
    ...(selection === null ? [] : [file("selection", selection.file, selection.command)]),
    file("search", search.file),
  ];
}

function commandIn(provenance: Readonly<Record<string, unknown>> | undefined): string | null {
  const command = provenance?.command;
  return typeof command === "string" ? command : null;
}
