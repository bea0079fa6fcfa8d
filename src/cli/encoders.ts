/** `arclet encoders`: the networks that can be trained, what they cost, and with --measure how fast they are here. */
import { z } from "zod";
import { encoders as known } from "../encoders/registry.ts";
import { unknown } from "../foundation/errors/unknown.ts";
import { count, text, yes } from "../foundation/field.ts";
import { safePoint } from "../foundation/interrupt.ts";
import { progress } from "../foundation/progress.ts";
import { type EncoderFacts, encoderFacts, encoderSpeed } from "../train/encoder-facts.ts";
import { columnsText } from "./columns.ts";
import { command } from "./command.ts";

export const encoders = command({
  details:
    "Parameters in millions and multiply-adds of one image in millions; with --measure also images a second, with the " +
    "precision that is faster here (b: bfloat16). The transformer is shown with patches of an eighth of the image.",
  schema: z.strictObject({
    name: text("an encoder's name (none: all of them)", { default: null }),
    size: count("side of the images", { least: 32, default: 64, unit: "pixels" }),
    channels: count("channels (bands) of the images", { default: 1 }),
    measure: yes("time a training step and a scoring pass of each"),
    batch: count("images a step while timing", { default: 64 }),
  }),
  positionals: ["name"],
  example: "arclet encoders",
  async run({ name, size, channels, measure, batch }) {
    const names = Object.keys(known);
    if (name !== null && !names.includes(name)) throw unknown("encoders", "name", name, names);
    const wanted = name === null ? names : [name];
    const shape = [batch, channels, size, size] as const;
    const bar = measure ? progress("time", wanted.length, "encoders") : null;
    const rows: string[][] = [];
    for (const encoder of wanted) {
      const facts = encoderFacts(encoder, [1, channels, size, size]);
      rows.push([...described(facts), ...(measure ? speeds(encoder, shape) : [])]);
      bar?.tick(1);
      await safePoint("nothing was written");
    }
    bar?.done();
    const head = measure ? [...HEAD, "train/s", "score/s"] : HEAD;
    const all = [[...head, "paper"], ...rows.map((row, i) => [...row, known[wanted[i]!]!.paper])];
    process.stdout.write(columnsText(all, (k) => k > 0 && k < head.length));
    if (name !== null) process.stdout.write(`${known[name]!.summary}\n`);
  },
});

const HEAD = ["name", "parameters", "multiply-adds", "features", "invariant"];

const described = ({ name, parameters, multiplyAdds, features, invariant }: EncoderFacts) => [
  name,
  `${(parameters / 1e6).toFixed(2)} M`,
  `${(multiplyAdds / 1e6).toFixed(0)} M`,
  String(features),
  invariant ? "yes" : "no",
];

function speeds(encoder: string, shape: readonly [number, number, number, number]): string[] {
  const { train, score } = encoderSpeed(encoder, shape);
  return [train, score].map(({ float32, bfloat16 }) => {
    const speed = (shape[0] / Math.min(float32, bfloat16)).toFixed(0);
    return bfloat16 < float32 ? `${speed} b` : speed;
  });
}
