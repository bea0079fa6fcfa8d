/** `arclet encoders`: the networks to choose from, what they cost, and with --measure how fast they are here. */
import { z } from "zod";
import { count, text, yes } from "../foundation/field.ts";
import { safePoint } from "../foundation/interrupt.ts";
import { progress } from "../foundation/progress.ts";
import type { EncoderFacts } from "../train/encoder-facts.ts";
import type { NetworkTimes } from "../train/timing.ts";
import { columnsText } from "./columns.ts";
import { command } from "./command.ts";

export const encoders = command({
  details:
    "Parameters and multiply-adds of one image are in millions; with --measure also images a second, in the precision " +
    "that is faster here (b: bfloat16). The transformer is listed with patches of an eighth of the image's side.",
  schema: z.strictObject({
    name: text("an encoder's name (none: all of them)", { default: null }),
    size: count("side of the images", { least: 32, default: 64, unit: "pixels" }),
    channels: count("channels (bands) of the images", { default: 1 }),
    measure: yes("time a training step and a scoring pass of each encoder"),
    batch: count("images in a timed step", { default: 64 }),
  }),
  positionals: ["name"],
  example: "arclet encoders",
  async run({ name, size, channels, measure, batch }) {
    const { encoders: known } = await import("../encoders/registry.ts");
    const { encoderFacts, encoderSpeed } = await import("../train/encoder-facts.ts");
    const shown = name === null ? known.list : [known.find(name, "encoders")];
    const shape = [batch, channels, size, size] as const;
    const bar = measure ? progress("time", shown.length, "encoders") : null;
    const rows: string[][] = [];
    for (const { name: encoder } of shown) {
      const facts = encoderFacts(encoder, [1, channels, size, size]);
      rows.push([...described(facts), ...(measure ? speeds(encoderSpeed(encoder, shape), batch) : [])]);
      bar?.tick(1);
      await safePoint("nothing was written");
    }
    bar?.done();
    const head = measure ? [...HEAD, "train/s", "score/s"] : HEAD;
    const all = [[...head, "paper"], ...rows.map((row, i) => [...row, shown[i]!.paper])];
    process.stdout.write(columnsText(all, (k) => k > 0 && k < head.length));
    if (name !== null)
      process.stdout.write(`${shown[0]!.summary}
`);
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

/** Images a second while training and while scoring. */
function speeds({ train, score }: NetworkTimes, batch: number): string[] {
  return [train, score].map(({ float32, bfloat16 }) => {
    const speed = (batch / Math.min(float32, bfloat16)).toFixed(0);
    return bfloat16 < float32 ? `${speed} b` : speed;
  });
}
