/** `arclet doctor`: what this machine offers, what is wrong with it, and how to fix that. */
import { z } from "zod";
import { EXIT } from "../foundation/errors.ts";
import { yes } from "../foundation/field.ts";
import { loadedPlugins } from "../foundation/plugins.ts";
import { command } from "./command.ts";
import type { Facts } from "./doctor/facts.ts";
import { type Finding, findings, gib } from "./doctor/findings.ts";

export const doctor = command({
  details:
    "Exits with 2 when something makes Arclet slow or fail. With --plugin it checks the plug-in instead of the machine: " +
    "whether its methods, encoders and the rest keep each promise that Arclet relies on.",
  schema: z.object({
    json: yes("print everything as JSON, for a bug report"),
  }),
  example: "arclet doctor",
  async run({ json }) {
    if (loadedPlugins().length > 0) return await onPlugins(json);
    // Imported here, since the help needs no libtorch.
    const { gatherFacts } = await import("./doctor/facts.ts");
    const facts = await gatherFacts();
    const found = findings(facts);
    process.stdout.write(
      json ? `${JSON.stringify({ facts, findings: found }, null, 2)}\n` : text(facts, found),
    );
    if (found.some((finding) => finding.kind === "problem")) process.exitCode = EXIT.refused;
  },
});

/** Checks everything that --plugin loaded. */
async function onPlugins(json: boolean): Promise<void> {
  const { judgedJson, judgedText, judgePlugins } = await import("./doctor/plugins.ts");
  const all = await judgePlugins((judged) => {
    if (!json) process.stdout.write(judgedText(judged));
  });
  if (json) process.stdout.write(`${JSON.stringify(judgedJson(all), null, 2)}\n`);
  if (all.some(({ promises }) => promises.some(({ broken }) => broken !== null)))
    process.exitCode = EXIT.refused;
}

/** What its kernels are written for, where OpenBLAS was told: src/torch/blas-kernels.ts. */
function kernelsText({ name }: Facts["blas"]): string {
  const kernels = process.env.OPENBLAS_CORETYPE;
  return name === "OpenBLAS" && kernels !== undefined ? `, kernels for ${kernels}` : "";
}

function text(facts: Facts, found: Finding[]): string {
  const { torch, built, blas, cpu, speed } = facts;
  const rows: [string, string][] = [
    ["Node", facts.node],
    [
      "libtorch",
      `${torch.torch}, ${built === undefined ? "of unknown origin" : `${built.from} (${built.libraries})`}`,
    ],
    ["oneDNN", torch.onednn ? "yes" : "no"],
    ["threads", `${torch.threads} of ${cpu.cores} cores`],
    ["BLAS", `${blas.name} (${blas.from})${kernelsText(blas)}`],
    ["processor", `${cpu.model}: ${cpu.features.join(", ") || "no vector features known"}`],
    ["CUDA", torch.cuda ? "yes" : "no"],
    ["convolution", `float32 ${speed.float32.toFixed(1)} ms, bfloat16 ${speed.bfloat16.toFixed(1)} ms`],
    ["", `(3 × 3, 64 to 64 channels, 16 images of 32 × 32, with gradient)`],
    ["memory", gib(facts.memory)],
    ["disk free", gib(facts.diskFree)],
    ["DuckDB", facts.duckdb],
  ];
  const lines = rows.map(([name, value]) => `${name.padEnd(12)} ${value}`.trimEnd());
  lines.push("");
  for (const { kind, what, fix } of found) lines.push(`${kind}: ${what}`, `  ${fix}`);
  if (!found.some((finding) => finding.kind === "problem")) lines.push("Nothing is wrong here.");
  return `${lines.join("\n")}\n`;
}
