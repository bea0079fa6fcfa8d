/** A survey as a YAML file: read with every error named by file, field and range; written with its provenance. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { Document, isScalar, parseDocument, visit } from "yaml";
import type { z } from "zod";
import { ArcletError, refuse, show } from "../foundation/errors.ts";
import { guarded } from "../foundation/files.ts";
import { nearest } from "../foundation/nearest.ts";
import { type Survey, surveySchema } from "./survey.ts";

/** Whether a survey's name is the path of a file. */
export const isSurveyFile = (name: string): boolean => /\.ya?ml$/i.test(name);

/**
 * A survey's file. Paths in it are taken from its folder.
 *
 * @throws ArcletError naming the file and the field: not YAML, unknown keys (with the nearest known one), wrong values
 */
export function readSurvey(path: string): Survey {
  const text = guarded(path, () => readFileSync(path, "utf8"));
  const document = parseDocument(text, { prettyErrors: true });
  const [wrong] = document.errors;
  if (wrong) {
    const line = wrong.linePos?.[0].line;
    const reason = wrong.message.split("\n")[0]!.replace(/ at line .*$/, "");
    throw new ArcletError(`${path}${line === undefined ? "" : ` line ${line}`}: not valid YAML (${reason})`);
  }
  return checkedSurvey(document.toJS(), path);
}

/** A survey from plain values. @param where the file, for errors; relative paths of PSFs are taken from its folder */
export function checkedSurvey(values: unknown, where: string): Survey {
  const parsed = surveySchema.safeParse(values);
  if (!parsed.success) {
    // A mistyped key is told before the key that is missing for it
    const { issues } = parsed.error;
    throw told(issues.find(({ code }) => code === "unrecognized_keys") ?? issues[0]!, values, where);
  }
  const survey = parsed.data;
  const names = survey.bands.map((band) => band.name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) refuse(where, "bands", "of different names", twice);
  for (const band of survey.display.bands)
    if (!names.includes(band))
      refuse(where, "display.bands", `of the survey's bands (${names.join(", ")})`, band);
  if (survey.display.scales.length !== survey.display.bands.length)
    refuse(
      where,
      "display.scales",
      `one a display band (${survey.display.bands.length})`,
      survey.display.scales,
    );
  if (Array.isArray(survey.noiseCorrelation)) {
    const [first] = survey.noiseCorrelation;
    if (first![0] !== 1) refuse(where, "noiseCorrelation[0][0]", "1", first![0]);
    if (survey.noiseCorrelation.some((row) => row.length !== first!.length))
      refuse(where, "noiseCorrelation", "rows of one length", survey.noiseCorrelation);
  }
  const folder = dirname(where);
  for (const [i, { psf }] of survey.bands.entries()) {
    if (psf?.kind !== "image") continue;
    psf.files = psf.files.map((file) => (isAbsolute(file) ? file : join(folder, file)));
    const missing = psf.files.find((file) => !existsSync(file));
    if (missing !== undefined) refuse(where, `bands[${i}].psf.files`, "files that exist", missing);
  }
  return survey;
}

/** A survey as the text of its file, under lines of comment. */
export function surveyYaml(survey: Survey, comment = ""): string {
  const document = new Document(survey);
  visit(document, {
    Seq: (_, list) => {
      list.flow = list.items.every(isScalar);
    },
  });
  if (comment !== "") document.commentBefore = comment.replace(/^/gm, " ");
  return document.toString({ lineWidth: 100, flowCollectionPadding: true });
}

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

function told(issue: Issue, values: unknown, where: string): ArcletError {
  if (issue.code === "unrecognized_keys") {
    const key = issue.keys[0]!;
    const near = nearest(key, knownKeys(issue.path));
    const hint = near === undefined ? "" : `, did you mean ${spelled([...issue.path, near])}?`;
    return new ArcletError(`${where}: ${spelled([...issue.path, key])} is not known${hint}`);
  }
  const got = issue.path.reduce<unknown>(
    (value, key) => (value as Record<PropertyKey, unknown>)?.[key],
    values,
  );
  const must = mustOf(issue);
  const field = issue.path.length === 0 ? "the survey" : spelled(issue.path);
  if (got === undefined) return new ArcletError(`${where}: ${field} is missing, it must be ${must}`);
  return new ArcletError(`${where}: ${field} must be ${must}, got ${show(got)}`);
}

/** `bands[1].seeing` */
const spelled = (path: Path): string =>
  path.reduce<string>(
    (text, key) => text + (typeof key === "number" ? `[${key}]` : `${text && "."}${String(key)}`),
    "",
  );

function mustOf(issue: Issue): string {
  const noun: Record<string, string> = {
    object: "keys and values",
    string: "a text",
    array: "a list",
    int: "a whole number",
  };
  if (issue.code === "invalid_type") return noun[issue.expected] ?? `a ${issue.expected}`;
  if (issue.code === "too_small" || issue.code === "too_big") {
    const [limit, strict, even] =
      issue.code === "too_small" ? [issue.minimum, ">", "at least"] : [issue.maximum, "<", "at most"];
    const long = issue.origin === "array" || issue.origin === "string" ? " long" : "";
    return `${issue.inclusive ? even : strict} ${limit}${long}`;
  }
  if (issue.code === "invalid_value") return `one of ${issue.values.map(String).join(", ")}`;
  if (issue.code === "invalid_union") {
    if ("discriminator" in issue && issue.discriminator !== undefined)
      return "of kind gaussian, moffat or image";
    return [...new Set(issue.errors.flat().map(mustOf))].join(" or ");
  }
  return issue.message;
}

/** The keys that the schema knows at a path, whichever variant is meant. */
function knownKeys(path: Path): string[] {
  let schemas: z.core.$ZodType[] = [surveySchema];
  for (const key of path) schemas = schemas.flatMap((schema) => inside(schema, key));
  return schemas.flatMap((schema) => variants(schema).flatMap((one) => Object.keys(shapeOf(one) ?? {})));
}

function inside(schema: z.core.$ZodType, key: PropertyKey): z.core.$ZodType[] {
  return variants(schema).flatMap((one) => {
    const def = one._zod.def as { element?: z.core.$ZodType };
    const child = typeof key === "number" ? def.element : shapeOf(one)?.[String(key)];
    return child === undefined ? [] : [child];
  });
}

function variants(schema: z.core.$ZodType): z.core.$ZodType[] {
  const def = schema._zod.def as { innerType?: z.core.$ZodType; options?: z.core.$ZodType[] };
  if (def.innerType !== undefined) return variants(def.innerType);
  return def.options === undefined ? [schema] : def.options.flatMap(variants);
}

const shapeOf = (schema: z.core.$ZodType): Record<string, z.core.$ZodType> | undefined =>
  (schema._zod.def as { shape?: Record<string, z.core.$ZodType> }).shape;
