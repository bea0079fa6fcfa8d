/** Options of sbatch: a site's, from its profile, and those of the command line. */
import { z } from "zod";
import { errorOf, firstOf } from "../foundation/errors/zod-errors.ts";
import { refuse } from "../foundation/errors.ts";
import { readYaml } from "../foundation/yaml.ts";

/** Long names without `--`, with their values; true for an option without one. */
export type SbatchOptions = ReadonlyMap<string, string | true>;

export interface JobSettings {
  readonly options: SbatchOptions;
  /** Lines of shell that each job begins with. */
  readonly setup: readonly string[];
}

/** What Arclet itself decides. */
const OURS: Readonly<Record<string, string>> = {
  array: "--at-most limits how many run at a time",
  output: "logs are in the folder of shards",
  error: "logs are in the folder of shards",
  "open-mode": "logs of a shard that is queued again are appended",
  dependency: "the job that joins the shards has its own",
  requeue: "it is the default",
  "no-requeue": "it is a flag of arclet's",
  wrap: "the script is arclet's",
  parsable: "it is set",
  chdir: "jobs run where the command was typed",
};

const NAME = /^[a-z][a-z0-9-]*$/;

const profileSchema = z
  .object({ setup: z.union([z.string(), z.array(z.string())]).optional() })
  .catchall(z.union([z.string(), z.number(), z.boolean()]));

/** @throws ArcletError for an option that is none, or that Arclet sets itself, naming the profile's line */
export function jobSettings(
  command: string,
  { slurm, profile }: { slurm: readonly string[] | null; profile: string | null },
): JobSettings {
  const options = new Map<string, string | true>();
  const setup: string[] = [];
  if (profile !== null) {
    const { values, lineOf } = readYaml(profile);
    const parsed = profileSchema.safeParse(values ?? {});
    if (!parsed.success)
      throw errorOf(profile, firstOf(parsed.error.issues), profileSchema, values, { lineOf });
    const { setup: lines = [], ...site } = parsed.data;
    setup.push(...(typeof lines === "string" ? lines.split("\n") : lines).filter((one) => one.trim() !== ""));
    for (const [name, value] of Object.entries(site)) {
      const line = lineOf([name]);
      checkOption(line === undefined ? { where: profile } : { where: profile, line }, name, name);
      if (value !== false) options.set(name, value === true ? true : String(value));
    }
  }
  for (const text of slurm ?? []) {
    const [name, ...rest] = text.replace(/^--/, "").split("=") as [string, ...string[]];
    checkOption({ where: command }, "--slurm", name);
    options.set(name, rest.length === 0 ? true : rest.join("="));
  }
  return { options, setup };
}

function checkOption(where: { where: string; line?: number }, field: string, name: string): void {
  if (!NAME.test(name))
    refuse(where, field, "the long name of an option of sbatch, and its value: KEY=VALUE", name);
  const why = OURS[name];
  if (why !== undefined) refuse(where, field, `an option that arclet doesn't set itself (${why})`, name);
}
