/** The recipes of containers/: they run the same steps, and what can be read here is read. scripts/try-recipe.sh runs them. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { jobSettings } from "../../src/cluster/options.ts";

const text = (name: string) => readFileSync(`containers/${name}`, "utf8");
const STEPS = "sh /opt/arclet-install/install.sh /opt/arclet-install";

test.each(["Dockerfile", "arclet.def"])("%s runs the steps that try-recipe.sh runs", (name) => {
  expect(text(name)).toContain(STEPS);
  expect(text(name)).toContain("debian:trixie-slim");
  const tried = readFileSync("scripts/try-recipe.sh", "utf8");
  expect(tried).toContain(STEPS);
  expect(tried).toContain(" trixie ");
});

test.each([
  ["sh", "containers/install.sh"],
  ["bash", "scripts/try-recipe.sh"],
])("%s reads %s", (shell, script) => {
  expect(spawnSync(shell, ["-n", script], { encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
});

test("the steps say what is missing when there is no package", () => {
  const empty = mkdtempSync(join(tmpdir(), "arclet-recipe-"));
  const { status, stderr } = spawnSync("sh", ["containers/install.sh", empty], { encoding: "utf8" });
  rmSync(empty, { recursive: true });
  expect(status).toBe(2);
  expect(stderr).toBe(`install.sh: no arclet-*.tgz in ${empty}: run npm pack in the clone\n`);
});

test("the site's profile is one that Arclet takes", () => {
  const { options, setup } = jobSettings("simulate", {
    slurm: null,
    profile: "containers/slurm-profile.yaml",
  });
  expect(options.get("cpus-per-task")).toBe("4");
  expect(options.get("time")).toBe("2:00:00");
  expect(setup).toContain("export ARCLET_THREADS=$SLURM_CPUS_PER_TASK");
});

test("conda's environment has what the notebook's guide imports", () => {
  const { dependencies } = parse(text("environment.yml")) as { dependencies: string[] };
  for (const needed of ["nodejs >=20", "numpy", "pandas", "pyarrow", "astropy"])
    expect(dependencies).toContain(needed);
});
