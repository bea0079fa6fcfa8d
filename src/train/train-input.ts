/**
 * What `trainConfig` takes, typed by method and encoder: their own settings are groups beside train's, named as
 * `groupOf` names them, and only those of the chosen two are known.
 */
import type { z } from "zod";
import type { OwnMethod } from "../adapt/registry.ts";
import type { OwnEncoder } from "../encoders/registry.ts";

type MethodOf<E> = E extends OwnMethod ? E : never;
type EncoderOf<E> = E extends OwnEncoder ? E : never;

/** Settings of Arclet's own methods, by name. Declare those of a plug-in here as well, to have them typed. */
export interface MethodSettings extends OwnMethodSettings {}
type OwnMethodSettings = {
  [M in OwnMethod as M["name"]]: z.input<MethodOf<M>["schema"]>;
};

/** Settings of Arclet's own encoders, by name. */
export interface EncoderSettings extends OwnEncoderSettings {}
type OwnEncoderSettings = {
  [E in OwnEncoder as E["name"]]: z.input<EncoderOf<E>["config"]>;
};

/** `selfEnsembling` for `self-ensembling`. */
export type GroupOf<Name extends string> = Name extends `${infer First}-${infer Rest}`
  ? `${First}${Capitalize<GroupOf<Rest>>}`
  : Name;

/** A known name's settings; those of a plug-in, or of a name that is known only when the program runs, are checked then. */
type Group<Name extends string, Known> = Name extends keyof Known
  ? { [G in GroupOf<Name>]?: Partial<Known[Name]> }
  : Record<string, unknown>;

/** A name that is completed where it is one of Arclet's, and may be a plug-in's. */
type Open<Known> = (keyof Known & string) | (string & {});
export type MethodName = Open<MethodSettings>;
export type EncoderName = Open<EncoderSettings>;

/** Groups that all runs have; what is left out of them has its default. */
type GroupName = "head" | "weak" | "strong" | "stretch";
type Groups<Shared> = { [G in GroupName & keyof Shared]?: Partial<Shared[G]> };

/** `Shared`: the settings that all runs have, as they may be given. `M` and `E`: the method's and the encoder's name. */
export type InputOf<Shared, M extends string, E extends string> = Omit<
  Shared,
  "method" | "encoder" | GroupName
> &
  Groups<Shared> & { method?: M; encoder?: E } & Group<M, MethodSettings> &
  Group<E, EncoderSettings>;
