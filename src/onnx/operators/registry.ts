/** The ONNX form of each of libtorch's operators, by its full name. */
import type { Form } from "../call.ts";
import { arithmetic } from "./arithmetic.ts";
import { network } from "./network.ts";
import { reductions } from "./reductions.ts";
import { shapes } from "./shapes.ts";

export const forms: ReadonlyMap<string, Form> = new Map(
  Object.entries({ ...arithmetic, ...reductions, ...shapes, ...network }),
);
