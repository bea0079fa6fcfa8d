/** Which files make an object: by a pattern of names, or one file per object. */
import { refuse } from "../../foundation/errors.ts";
import { type PatternPart, wildcard } from "../../foundation/wildcard.ts";
import { type FileKind, kindOf, type ListedFile, stemOf } from "./listing.ts";

export interface ListedObject {
  id: string;
  /** Names of its one file, or of one per band, in the bands' order; undefined if a band has none. */
  files: (string | undefined)[];
  class: string | null;
  split: string | null;
  group: string | null;
}

export interface Listed {
  objects: ListedObject[];
  /** The pattern that was used; null: one file per object. */
  pattern: string | null;
  /** What was found or left out, one line each, for the user. */
  notes: string[];
}

const FIELDS = ["id", "band", "class", "split", "group"] as const;
type Field = (typeof FIELDS)[number];

type Fields = Partial<Record<Field, string>>;

/**
 * What a pattern finds in a path: `{id}_{band}.fits`, `{class}/{id}.png`; `*` is anything within a name. A field that comes
 * twice is the same text twice. A pattern without `/` matches file names, one with it the end of paths.
 *
 * @throws ArcletError when it has no `{id}`, or an unknown field
 */
function patternOf(pattern: string, bands: readonly string[]): (path: string) => Fields | null {
  const seen = new Set<string>();
  const parts = pattern
    .split(/(\{[^{}]*\}|\*)/)
    .filter((part) => part !== "")
    .map((part): PatternPart => {
      if (part === "*") return { kind: "any", name: null, least: 0 };
      if (!part.startsWith("{") || !part.endsWith("}")) return { kind: "text", text: part };
      const field = part.slice(1, -1);
      if (!(FIELDS as readonly string[]).includes(field))
        refuse("import", "pattern", `of the fields ${FIELDS.map((name) => `{${name}}`).join(", ")}`, part);
      if (seen.has(field)) return { kind: "same", name: field };
      seen.add(field);
      return field === "band"
        ? { kind: "choice", name: field, options: bands }
        : { kind: "any", name: field, least: 1 };
    });
  if (!seen.has("id")) refuse("import", "pattern", "one with {id}, e.g. {id}_{band}.fits", pattern);
  const match = wildcard(parts, "/", "import");
  return (path) => {
    for (let at = 0; at >= 0 && at <= path.length; at = path.indexOf("/", at) + 1 || -1) {
      const fields = match(path.slice(at));
      if (fields !== null) return fields as Fields;
    }
    return null;
  };
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");

/** The objects that files make, in the files' order. */
export function objectsOf(
  files: readonly ListedFile[],
  given: string | null,
  bands: readonly string[],
): Listed {
  const notes: string[] = [];
  const taken = given === null ? ofOneKind(files, notes) : files;
  const guess = given === null ? guessedPattern(taken, bands) : null;
  const pattern = given ?? guess?.pattern ?? null;
  if (pattern !== null && given === null)
    notes.push(`files end in ${bands.join(", ")}: taken as one file per band (--pattern '${pattern}')`);
  if (pattern === null)
    return {
      objects: taken.map(({ name }) => object(stemOf(name).normalize("NFC"), [name])),
      pattern,
      notes,
    };
  // Macs write file names with accents as signs of their own (NFD), tables mostly without (NFC).
  const fieldsIn = patternOf(pattern.normalize("NFC"), bands);
  const byBand = pattern.includes("{band}");
  const byId = new Map<string, ListedObject>();
  const objects: ListedObject[] = [];
  let others = 0;
  for (const { name } of taken) {
    const composed = name.normalize("NFC");
    const fields = (composed === name ? guess?.fields.get(name) : undefined) ?? fieldsIn(composed);
    if (fields === null) {
      others++;
      continue;
    }
    const id = fields.id!;
    const k = byBand ? bands.indexOf(fields.band!) : 0;
    let current = byBand ? byId.get(id) : undefined;
    if (current === undefined || current.files[k] !== undefined) {
      current = object(id, new Array(byBand ? bands.length : 1).fill(undefined), fields);
      objects.push(current);
      if (!byId.has(id)) byId.set(id, current);
    }
    current.files[k] = name;
  }
  if (others > 0) notes.push(`${others} files do not match ${pattern}`);
  return { objects, pattern, notes };
}

const object = (id: string, files: (string | undefined)[], fields: Fields = {}) => ({
  id,
  files,
  class: fields.class ?? null,
  split: fields.split ?? null,
  group: fields.group ?? null,
});

/** The files of the first kind present: FITS before arrays before pictures, which may be previews of them. */
function ofOneKind(files: readonly ListedFile[], notes: string[]): ListedFile[] {
  const kinds = files.map(({ name }) => kindOf(name));
  const kind = (["fits", "npy", "picture"] as FileKind[]).find((candidate) => kinds.includes(candidate));
  const taken = files.filter((_, i) => kinds[i] === kind && kind !== undefined);
  const left = files.length - taken.length;
  if (left > 0 && taken.length > 0) notes.push(`${left} files that are not ${kind} were ignored`);
  return taken;
}

/** `{id}_{band}.fits` or the like, if every file's name ends so; with what it finds in each name. */
function guessedPattern(
  files: readonly ListedFile[],
  bands: readonly string[],
): { pattern: string; fields: Map<string, Fields> } | null {
  if (bands.length < 2 || files.length === 0) return null;
  const ending = new RegExp(`^.+([_.-])(?:${bands.map(escaped).join("|")})(\\.[^./]+(?:\\.gz|\\.fz)?)$`);
  const first = ending.exec(files[0]!.name.split("/").at(-1)!);
  if (first === null) return null;
  const pattern = `{id}${first[1]}{band}${first[2]}`;
  const fieldsIn = patternOf(pattern, bands);
  const fields = new Map<string, Fields>();
  for (const { name } of files) {
    const found = fieldsIn(name);
    if (found === null) return null;
    fields.set(name, found);
  }
  return { pattern, fields };
}
