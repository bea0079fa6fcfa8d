import { Command as Commander } from "commander";
import { expect, test } from "vitest";
import { z } from "zod";
import { addFields, chosenOnCommandLine, flagOf, givenFlags } from "../../src/cli/options.ts";

const SCHEMA = z.object({
  dataset: z.string().describe("the dataset's folder"),
  others: z.array(z.string()).default([]).describe("more of them"),
  batchSize: z.int().min(1).default(64).describe("images a step"),
  seeing: z.number().positive().default(0.7).describe("PSF FWHM").meta({ unit: "arcsec" }),
  bands: z
    .array(z.enum(["g", "r", "i"]))
    .default(["g", "r"])
    .describe("bands"),
  balance: z.boolean().default(false).describe("as many of each class"),
  augment: z.boolean().default(true).describe("leave images as they are"),
  resume: z.boolean().optional().describe("go on"),
  method: z.object({ weightDecay: z.number().default(1e-5).describe("weight decay") }),
});
const POSITIONALS = ["dataset", "others"];

function program(): Commander {
  const made = new Commander("train").exitOverride().configureOutput({ writeErr: () => {} });
  addFields(made, SCHEMA, POSITIONALS);
  return made;
}

function parse(...args: string[]) {
  const made = program().action(() => {});
  made.parse(args, { from: "user" });
  return givenFlags(made, SCHEMA, POSITIONALS);
}

test("keys are spelled in kebab case", () => {
  expect(["batchSize", "method.weightDecay", "theta_e", "out"].map(flagOf)).toEqual([
    "--batch-size",
    "--method.weight-decay",
    "--theta-e",
    "--out",
  ]);
});

test("only what was given is given", () => {
  expect(parse()).toEqual({});
  expect(parse("sim", "--batch-size", "32", "--bands=g,i", "--method.weight-decay", "0")).toEqual({
    dataset: "sim",
    batchSize: "32",
    bands: "g,i",
    "method.weightDecay": "0",
  });
});

test("a list takes all arguments that are left", () => {
  expect(parse("a", "b", "c")).toEqual({ dataset: "a", others: ["b", "c"] });
});

test("yes/no settings are switches away from their default", () => {
  expect(parse("--balance", "--no-augment")).toEqual({ balance: true, augment: false });
  expect(parse("--resume")).toEqual({ resume: true });
  expect(parse("--no-resume")).toEqual({ resume: false });
  expect(() => parse("--augment")).toThrow(/unknown option/);
});

test("help shows choices, range, unit and default", () => {
  const help = program().configureHelp({ helpWidth: 200 }).helpInformation().replace(/ +/g, " ");
  expect(help).toContain("dataset the dataset's folder");
  expect(help).toContain("--batch-size <number> images a step; at least 1 (default 64)");
  expect(help).toContain("--seeing <number> PSF FWHM; > 0 arcsec (default 0.7)");
  expect(help).toContain("--bands <list> bands; g, r, i (default g,r)");
  expect(help).toContain("--balance as many of each class\n");
  expect(help).toContain("--no-augment without: leave images as they are\n");
  expect(help).toContain("--method.weight-decay <number> weight decay (default 0.00001)");
});

test("a choice is read before parsing; the last one counts, and nothing after --", () => {
  const args = ["train", "--method", "adda", "--method=source-only", "--", "--method", "x"];
  expect(chosenOnCommandLine(args, "method")).toBe("source-only");
  expect(chosenOnCommandLine(["--method", "a", "--method", "b"], "method")).toBe("b");
  expect(chosenOnCommandLine(["--method"], "method")).toBeUndefined();
});

test("settings of a group stand under its heading in the help", () => {
  const schema = z.object({
    out: z.string().describe("folder"),
    size: z.int().default(8).describe("side").meta({ unit: "pixels", group: "Pixels" }),
  });
  const made = new Commander("import");
  addFields(made, schema, []);
  expect(made.helpInformation()).toMatch(
    /Options:\n {2}--out <text> +folder\n[\s\S]*\n\nPixels:\n {2}--size <number> +side; pixels/,
  );
});
