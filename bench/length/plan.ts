/**
 * The plan of the experiment on length: each encoder learns the mixture for real CFHTLS (simulations, simulated ordinary
 * objects, painted arcs) for different numbers of images seen, each with a schedule of its own, is adapted by AdaMatch, and
 * scores every real cutout. Prints the steps that bench/run-commands.ts takes, the longest trainings first.
 *
 *   plan.ts [--lengths 30000,100000,300000,1000000] [--encoders equivariant,resnet34d] [--seeds 0,1,2] [--precision bfloat16]
 */
import { parseArgs } from "node:util";
import type { Step } from "../run-commands.ts";

const { values } = parseArgs({
  options: {
    lengths: { type: "string", default: "1000000,300000,100000,30000" },
    encoders: { type: "string", default: "equivariant,resnet34d" },
    seeds: { type: "string", default: "0,1,2" },
    precision: { type: "string", default: "bfloat16" },
  },
});
const EPOCHS = 7;
const BATCH = 128;
const mixture = "--also others,painted --parts 0.5,0.3,0.2";
const scored = (run: string) => `$arclet score target runs/${run} --positive lens --out scores/${run}.csv`;

function stepsOf(encoder: string, images: number, seed: string): Step[] {
  const name = `${encoder}-${images}-${seed}`;
  const shared = `${mixture} --seed ${seed} --precision ${values.precision} --validate-on 400`;
  const steps = Math.round(images / EPOCHS / BATCH);
  const adapted = `${name}-adamatch`;
  const rate = encoder === "equivariant" ? "" : " --adamatch.lr 1e-3";
  const learn = `$arclet train source target ${shared} --encoder ${encoder} --method source-only`;
  const adapt = `$arclet train source target ${shared} --from runs/${name} --method adamatch --prior 0.85,0.15${rate}`;
  return [
    {
      name,
      run: `${learn} --epochs ${EPOCHS} --steps-per-epoch ${steps} --out runs/${name}; ${scored(name)}`,
    },
    { name: adapted, after: [name], run: `${adapt} --out runs/${adapted}; ${scored(adapted)}` },
  ];
}

const list = (text: string) => text.split(",");
const plan = list(values.lengths).flatMap((length) =>
  list(values.encoders).flatMap((encoder) =>
    list(values.seeds).flatMap((seed) => stepsOf(encoder, Number(length), seed)),
  ),
);
console.log(JSON.stringify(plan, null, 1));
