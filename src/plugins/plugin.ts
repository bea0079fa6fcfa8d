/**
 * What a plug-in is: a module in its own repository, whose default export says what it brings. `arclet --plugin FILE`
 * loads it; what it brings is then known by name, as Arclet's own entries are.
 */
import type { z } from "zod";
import type { AnyTrainer, MethodContext } from "../adapt/method.ts";
import type { Validator } from "../adapt/validators/validator.ts";
import type { StretchOptions } from "../dataset/views/preprocessing/kind.ts";
import type { BuildContext, Encoder } from "../encoders/encoder.ts";
import type { surveySchema } from "../sky/survey.ts";

/** Any method, encoder or preprocessing, whatever the types of its own settings: `method`, `encoderEntryOf` and `kindOf` make them. */
export interface AnyMethod {
  /** As in `--method`. */
  readonly name: string;
  /** Its settings. */
  readonly schema: z.ZodObject;
  /** A training with these settings. */
  build(settings: never, context: MethodContext): AnyTrainer;
}

/** An encoder of any settings. */
export interface AnyEncoder {
  /** As in `--encoder`. */
  readonly name: string;
  /** Its settings. */
  readonly config: z.ZodObject;
  /** A fresh encoder of that configuration. */
  build(config: never, context: BuildContext): Encoder;
}

/** A preprocessing of any settings. */
export interface AnyPreprocessing {
  /** As in `--preprocess`. */
  readonly name: string;
  /** Its settings. */
  readonly schema: z.ZodObject;
  /** Which settings of a stretch it has. */
  readonly takes: readonly (keyof StretchOptions)[];
}

/** What a plug-in brings. */
export interface Plugin {
  /** Lower-case letters, digits and dashes; runs and models name it. */
  readonly name: string;
  /** Methods that it brings. */
  readonly methods?: readonly AnyMethod[];
  /** Encoders that it brings. */
  readonly encoders?: readonly AnyEncoder[];
  /** Validators that it brings. */
  readonly validators?: readonly Validator[];
  /** As in a survey's file; values left out have their defaults. Paths are relative to the plug-in's folder. */
  readonly surveys?: readonly z.input<typeof surveySchema>[];
  /** Preprocessings that it brings. */
  readonly preprocessings?: readonly AnyPreprocessing[];
}

/** Gives a plug-in its types, for the module's default export: `export default definePlugin({ name: "mine", methods: [mine] })`. */
export const definePlugin = (plugin: Plugin): Plugin => plugin;
