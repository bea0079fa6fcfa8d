/** Commands start fast because they load nothing that they don't use: what is loaded is checked, as seconds can't be. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { slow } from "../slow.ts";
import { environment, program } from "./arclet.ts";

slow("starts programs");

const folder = mkdtempSync(join(tmpdir(), "arclet-loading-"));
afterAll(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, "table.csv"), "id,score,ra,dec\na,0.5,10.1,1.2\nb,0.9,10.2,1.3\n");

const module = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`;

/** Prints which of the heavy libraries are in the process when it ends. */
const LIBRARIES = module(`
  process.on("exit", () => {
    const { sharedObjects } = process.report.getReport();
    const heavy = ["libtorch", "duckdb", "sky.node"];
    console.log("loaded", JSON.stringify(heavy.filter((name) => sharedObjects.some((path) => path.includes(name)))));
  });`);

/** Prints each package that is imported. */
const PACKAGES = module(`
  import { register } from "node:module";
  register(${JSON.stringify(
    module(`
      import { writeSync } from "node:fs";
      export async function resolve(name, context, next) {
        if (!/^(node:|[.]|file:|data:)/.test(name) && context.parentURL.includes("/dist/")) writeSync(1, "package " + name + "\\n");
        return next(name, context);
      }`),
  )});`);

function run(args: readonly string[], hooks: readonly string[] = [LIBRARIES]) {
  const imports = hooks.flatMap((hook) => ["--import", hook]);
  const options = { encoding: "utf8", cwd: folder, env: environment() } as const;
  const { status, stdout, stderr } = spawnSync("node", [...imports, ...args], options);
  expect(status, stderr).toBe(0);
  const packages = new Set([...stdout.matchAll(/^package (.*)$/gm)].map(([, name]) => name));
  const libraries = /^loaded (.*)$/m.exec(stdout)![1]!;
  return { libraries: JSON.parse(libraries), packages: [...packages].sort() };
}

test("help of every command loads no library, no plots and no decoders of pictures", () => {
  const every = `
    import { COMMANDS } from ${JSON.stringify(new URL("../../dist/cli/commands.js", import.meta.url))};
    import ${JSON.stringify(new URL("../../dist/cli/main.js", import.meta.url))};
    for (const { load } of COMMANDS) {
      const { schema } = await load();
      if (typeof schema === "function") schema(() => undefined);
    }`;
  const { libraries, packages } = run(["--input-type=module", "-e", every], [LIBRARIES, PACKAGES]);
  expect(libraries).toEqual([]);
  expect(packages).toEqual(["cli-progress", "commander", "yaml", "zod"]);
});

test.each([
  [[], "--help"],
  [[], "surveys"],
  [[], "recipes default"],
  [[], "methods adda"],
  [["duckdb"], "export table.csv --out table.vot"],
  [["duckdb"], "export table.csv --out table.reg"],
  [["duckdb", "libtorch"], "simulate few --count 4"],
])("loaded: %j by %s", (libraries, line) => {
  expect(run([program, ...line.split(" ")]).libraries.sort()).toEqual(libraries);
});
