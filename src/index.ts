/** Every room by its name: `import { evaluate } from "arclet"`. Each is a subpath of its own as well: `arclet/evaluate`. */
export * as adapt from "./adapt/index.ts";
export * as catalog from "./catalog/index.ts";
export * as dataset from "./dataset/index.ts";
export * as encoders from "./encoders/index.ts";
export * as evaluate from "./evaluate/index.ts";
export * as foundation from "./foundation/index.ts";
export * as inspect from "./inspect/index.ts";
export * as lensing from "./lensing/index.ts";
export * as making from "./making/index.ts";
export * as nn from "./nn/index.ts";
export * as pictures from "./pictures/index.ts";
export * as plugins from "./plugins/index.ts";
export * as reports from "./reports/index.ts";
export * as sky from "./sky/index.ts";
export * as testing from "./testing/index.ts";
export * as torch from "./torch/index.ts";
export * as train from "./train/index.ts";
