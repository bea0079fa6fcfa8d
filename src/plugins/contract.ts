/**
 * What a plug-in promises: a default export, names that are not taken, entries of the right shape. All of it is checked
 * before anything is registered; the error gives the file and the first broken promise.
 */
import type { Method } from "../adapt/method.ts";
import { methods } from "../adapt/registry.ts";
import { validators } from "../adapt/validators/registry.ts";
import type { Validator } from "../adapt/validators/validator.ts";
import type { Kind } from "../dataset/views/preprocessing/kind.ts";
import { preprocessings } from "../dataset/views/preprocessing/registry.ts";
import type { EncoderEntry } from "../encoders/encoder.ts";
import { encoders } from "../encoders/registry.ts";
import { unknownKey } from "../foundation/errors/unknown.ts";
import { refuse } from "../foundation/errors.ts";
import type { Named, Registry } from "../foundation/registry.ts";
import type { Survey } from "../sky/survey.ts";
import { checkedSurvey } from "../sky/survey-file.ts";
import { surveys } from "../sky/surveys/registry.ts";
import { sharedKeys } from "../train/config.ts";
import { groupOf } from "../train/group.ts";
import { ORACLE } from "../train/oracle.ts";
import {
  holdEncoder,
  holdMethod,
  holdPreprocessing,
  holdValidator,
  isObject,
  type Values,
} from "./entry-contracts.ts";

/** What a plug-in's module brings, checked. */
export interface Brought {
  name: string;
  methods: Method[];
  encoders: EncoderEntry[];
  validators: Validator[];
  surveys: Survey[];
  preprocessings: Kind[];
}

const NAME = /^[a-z][a-z0-9]*([-_][a-z0-9]+)*$/;
const LISTS = ["methods", "encoders", "validators", "surveys", "preprocessings"] as const;

/**
 * @param path the plug-in's file, for messages
 * @param module its exports
 * @throws ArcletError naming the file and the first broken promise
 */
export function checkPlugin(path: string, module: Values): Brought {
  const plugin = module.default;
  if (!isObject(plugin)) refuse(path, "its default export", "a plug-in: definePlugin({ name, … })", plugin);
  const { name } = plugin;
  holdName(path, "name", name);
  const known: readonly string[] = ["name", ...LISTS];
  const extra = Object.keys(plugin).find((key) => !known.includes(key));
  if (extra !== undefined)
    throw unknownKey(path, extra, known, { fix: `a plug-in brings ${LISTS.join(", ")}` });
  if (LISTS.every((key) => plugin[key] === undefined))
    refuse(path, "what it brings", `one or more of ${LISTS.join(", ")}`, "nothing");

  const brought: Brought = {
    name,
    methods: entriesOf(path, plugin, "methods", methods, holdMethod),
    encoders: entriesOf(path, plugin, "encoders", encoders, holdEncoder),
    validators: entriesOf(path, plugin, "validators", validators, holdValidator, [ORACLE]),
    surveys: entriesOf<Survey>(path, plugin, "surveys", surveys, () => {}).map((survey) =>
      checkedSurvey(structuredClone(survey), path),
    ),
    preprocessings: entriesOf(path, plugin, "preprocessings", preprocessings, holdPreprocessing),
  };
  holdGroups(path, [...brought.methods, ...brought.encoders]);
  return brought;
}

/** A plug-in's list, in which each entry has the right shape and a name that is not taken. */
function entriesOf<T extends Named>(
  path: string,
  plugin: Values,
  list: (typeof LISTS)[number],
  known: Registry<T>,
  hold: (where: string, entry: Values) => void,
  reserved: readonly string[] = [],
): T[] {
  const entries = plugin[list] ?? [];
  if (!Array.isArray(entries)) refuse(path, list, "a list", entries);
  const names = [...known.names, ...reserved];
  for (const [i, entry] of entries.entries()) {
    if (!isObject(entry)) refuse(path, `${list}[${i}]`, "an object", entry);
    const { name } = entry;
    holdName(path, `${list}[${i}].name`, name);
    if (names.includes(name)) refuse(path, `${list}[${i}].name`, `one that no other ${known.noun} has`, name);
    names.push(name);
    hold(`${path}: ${known.noun} ${name}`, entry);
  }
  return entries as T[];
}

/** Settings of methods and encoders are beside train's own, in groups by name. */
function holdGroups(path: string, entries: readonly Named[]): void {
  const taken = new Set([...methods.names, ...encoders.names].map(groupOf));
  for (const key of sharedKeys()) taken.add(key);
  for (const { name } of entries) {
    const group = groupOf(name);
    if (taken.has(group))
      refuse(path, "names", `such that the settings of each have a group (--${group}.…) of their own`, name);
    taken.add(group);
  }
}

function holdName(path: string, key: string, name: unknown): asserts name is string {
  if (typeof name !== "string" || !NAME.test(name))
    refuse(path, key, "lower-case letters, digits and dashes, beginning with a letter", name);
}
