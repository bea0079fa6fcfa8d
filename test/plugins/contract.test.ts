/** What a plug-in that was not compiled may hold: the first promise that is broken is named with the file. */
import { expect, test } from "vitest";
import { z } from "zod";
import { methods } from "../../src/adapt/registry.ts";
import { sourceOnly } from "../../src/adapt/source-only.ts";
import { entropy } from "../../src/adapt/validators/entropy.ts";
import { unit } from "../../src/dataset/views/preprocessing/unit.ts";
import { cnn } from "../../src/encoders/cnn.ts";
import {
  addPlugin,
  changedPluginLines,
  refuseChangedPlugins,
  refuseMissingPlugins,
} from "../../src/foundation/plugins.ts";
import { checkPlugin } from "../../src/plugins/contract.ts";
import { registerMethod } from "../../src/plugins/load.ts";
import { hsc } from "../../src/sky/surveys/hsc.ts";

const mine = { ...sourceOnly, name: "mine" };
const net = { ...cnn, name: "net" };
const own = { ...entropy, name: "own" };
const sky = { ...hsc, name: "sky" };
const about = unit.schema.shape;
const half = { ...unit, name: "half", schema: z.strictObject({ ...about, kind: z.literal("half") }) };
const whole = {
  name: "all",
  methods: [mine],
  encoders: [net],
  validators: [own],
  surveys: [sky],
  preprocessings: [half],
};

const refusalOf = (plugin: unknown): string => {
  try {
    checkPlugin("./mine.mjs", { default: plugin });
  } catch (error) {
    return (error as Error).message;
  }
  return "";
};

test("what keeps every promise is brought as it is, a survey with its defaults", () => {
  const { seeing, skySigma, skyBrightness, name } = hsc.bands[0]!;
  const spare = {
    ...sky,
    bands: [{ name, seeing, skySigma, skyBrightness }],
    display: { bands: ["g"], scales: [1], Q: 1, alpha: 1 },
  };
  const brought = checkPlugin("./mine.mjs", { default: { ...whole, surveys: [spare] } });
  expect(brought.methods).toEqual([mine]);
  expect(brought.preprocessings).toEqual([half]);
  expect(brought.surveys[0]!.bands[0]!.seeingScatter).toBe(0.08);
});

const method = (changes: Record<string, unknown>) => ({ ...whole, methods: [{ ...mine, ...changes }] });
const encoder = (changes: Record<string, unknown>) => ({ ...whole, encoders: [{ ...net, ...changes }] });
const validator = (changes: Record<string, unknown>) => ({ ...whole, validators: [{ ...own, ...changes }] });
const kind = (changes: Record<string, unknown>) => ({ ...whole, preprocessings: [{ ...half, ...changes }] });
const weight = (field: z.ZodType) => z.strictObject({ weight: field });

const BROKEN: [plugin: unknown, message: string][] = [
  [undefined, "its default export must be a plug-in: definePlugin({ name, … }), got nothing"],
  [3, "its default export must be a plug-in: definePlugin({ name, … }), got 3"],
  [
    { ...whole, name: undefined },
    "name must be lower-case letters, digits and dashes, beginning with a letter, got nothing",
  ],
  [
    { ...whole, name: "My Plug" },
    'name must be lower-case letters, digits and dashes, beginning with a letter, got "My Plug"',
  ],
  [
    { name: "all" },
    'what it brings must be one or more of methods, encoders, validators, surveys, preprocessings, got "nothing"',
  ],
  [{ ...whole, method: [] }, "method is not known, did you mean methods?"],
  [{ ...whole, methods: mine }, "methods must be a list, got {"],
  [{ ...whole, methods: [null] }, "methods[0] must be an object, got null"],
  [method({ name: "adda" }), 'methods[0].name must be one that no other method has, got "adda"'],
  [{ ...whole, methods: [mine, mine] }, 'methods[1].name must be one that no other method has, got "mine"'],
  [
    method({ name: "head" }),
    'names must be such that the settings of each have a group (--head.…) of their own, got "head"',
  ],
  [
    method({ name: "net" }),
    'names must be such that the settings of each have a group (--net.…) of their own, got "net"',
  ],
  [method({ summary: undefined }), "method mine: summary must be a line of text, got nothing"],
  [
    method({ paper: undefined }),
    "method mine: paper must be a text: authors, year and arXiv number, or empty, got nothing",
  ],
  [
    method({ schema: { weight: 1 } }),
    'method mine: schema must be a zod object (z.strictObject({ … })), got {"weight":1}',
  ],
  [
    method({ schema: weight(z.number()) }),
    "method mine: schema.weight must be a field with a default (.default(…)), got nothing",
  ],
  [
    method({ schema: weight(z.number().default(1)) }),
    'method mine: tuning.weight must be "budget", "fixed", "choices", ',
  ],
  [method({ tuning: { weight: "fixed" } }), "method mine: tuning.weight is not known; its settings are none"],
  [
    method({ schema: weight(z.number().default(1)), tuning: { weight: { scale: "log", low: 0, high: 1 } } }),
    'method mine: tuning.weight must be "budget", "fixed", "choices", ',
  ],
  [
    method({ numbers: undefined }),
    "method mine: numbers must be declared: name → { kind, meaning }, got nothing",
  ],
  [method({ numbers: { loss: "loss" } }), 'method mine: numbers.loss must be keys and values, got "loss"'],
  [
    method({ numbers: { loss: { kind: "far", meaning: "x" } } }),
    'method mine: numbers.loss.kind must be one of loss, distance, share, weight, learning rate, norm, count, got "far"',
  ],
  [
    method({ numbers: { loss: { kind: "loss" } } }),
    "method mine: numbers.loss.meaning is missing; it must be text",
  ],
  [method({ needsTarget: "yes" }), 'method mine: needsTarget must be true or false, got "yes"'],
  [method({ graded: true }), "method mine: graded must be one of no, optional, needed, got true"],
  [method({ separateSource: undefined }), "method mine: separateSource must be true or false, got nothing"],
  [method({ build: undefined }), "method mine: build must be a function, got nothing"],
  [method({ deeplense: { lr: 1 } }), 'method mine: deeplense must be values of its schema, got {"lr":1}'],
  [encoder({ map: undefined }), "encoder net: map must be a line on what its feature map is, got nothing"],
  [encoder({ config: {} }), "encoder net: config must be a zod object (z.strictObject({ … })), got {}"],
  [encoder({ invariant: 1 }), "encoder net: invariant must be true, false or left out, got 1"],
  [encoder({ fitting: {} }), "encoder net: fitting must be a function, or left out, got {}"],
  [validator({ name: "oracle" }), 'validators[0].name must be one that no other validator has, got "oracle"'],
  [validator({ score: undefined }), "validator own: score must be a function, got nothing"],
  [{ ...whole, surveys: [{ ...sky, pixelScale: "wide" }] }, 'pixelScale must be a number, > 0, got "wide"'],
  [{ ...whole, surveys: [{ ...sky, seeing: 1 }] }, "seeing is not known"],
  [
    kind({ schema: z.strictObject({}) }),
    "preprocessing half: schema must be a zod object with kind (z.strictObject({ kind, ...about, … })), got {",
  ],
  [kind({ schema: unit.schema }), 'preprocessing half: schema.kind must be z.literal("half"), got {'],
  [kind({ pixels: "all" }), 'preprocessing half: pixels must be one of flux, display, any, got "all"'],
  [
    kind({ takes: ["gamma"] }),
    'preprocessing half: takes must be a list chosen from scale, contrast, bands, scales, q, stretch, minimum, alpha, got ["gamma"]',
  ],
  [kind({ apply: undefined }), "preprocessing half: apply must be a function, got nothing"],
];

test.each(BROKEN)("a broken promise is named with the file (%#)", (plugin, message) => {
  const refusal = refusalOf(plugin);
  expect(refusal.slice(0, `./mine.mjs: ${message}`.length)).toBe(`./mine.mjs: ${message}`);
  expect(refusal).not.toContain("\n");
});

test("a plug-in that is missing, taken or changed is named", () => {
  const was = { name: "all", path: "./all.mjs", sha256: "a".repeat(64) };
  expect(() => refuseMissingPlugins("runs/x", [was])).toThrow(
    "runs/x: plug-in all must be loaded: --plugin ./all.mjs, got nothing",
  );
  addPlugin({ ...was, path: "later.mjs", sha256: "b".repeat(64) });
  refuseMissingPlugins("runs/x", [was]);
  expect(() => refuseChangedPlugins("runs/x", [was])).toThrow(
    'runs/x: plug-in all must be the file that it was trained with, of SHA-256 aaaaaaaaaaaa, got "later.mjs of SHA-256 bbbbbbbbbbbb"',
  );
  expect(changedPluginLines([was])).toEqual([
    "plug-in all (later.mjs) is not the file that it was trained with (./all.mjs)",
  ]);
  expect(() => addPlugin(was)).toThrow('./all.mjs: name must be different from that of later.mjs, got "all"');
});

test("a program may register an entry of its own, by the same contract", () => {
  const alone = { ...sourceOnly, name: "mine-alone" };
  registerMethod(alone);
  expect(methods.find("mine-alone")).toBe(alone);
  expect(methods.originOf("mine-alone")).toBe(undefined);
  expect(() => registerMethod(alone)).toThrow(/this program: .*mine-alone/);
  expect(() => registerMethod({ ...alone, name: "My Method" })).toThrow(/lower-case/);
});
