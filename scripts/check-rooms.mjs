/**
 * Checks that the rooms of src/ import in one direction only and that no files import each other in a circle.
 *
 *   node scripts/check-rooms.mjs [folder]     the repository's root by default
 *
 * Prints one line for each error, `file:line: what is wrong`, and exits with 1 if there is any.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** Top to bottom: a room may import those above it, except those that it must not know. */
const ROOMS = {
  foundation: {},
  cluster: {},
  torch: {},
  onnx: {},
  nn: { unknown: ["onnx"] },
  encoders: { unknown: ["onnx"] },
  sky: { unknown: ["onnx", "nn", "encoders"] },
  lensing: { unknown: ["onnx", "nn", "encoders"] },
  catalog: { unknown: ["onnx", "nn", "encoders", "lensing"] },
  dataset: { unknown: ["onnx", "nn", "encoders"] },
  making: { unknown: ["onnx", "nn", "encoders"] },
  adapt: { unknown: ["onnx", "encoders", "sky", "lensing", "catalog", "dataset", "making"] },
  train: {},
  plugins: {},
  evaluate: {},
  pictures: {},
  reports: {},
  testing: {},
  inspect: {},
  cli: {},
};

/** What each room may import besides itself. */
const MAY_IMPORT = Object.fromEntries(
  Object.entries(ROOMS).map(([room, { unknown = [] }], k, all) => [
    room,
    all
      .slice(0, k)
      .map(([above]) => above)
      .filter((above) => !unknown.includes(above)),
  ]),
);

const root = resolve(process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), ".."));
const src = join(root, "src");
const files = readdirSync(src, { recursive: true })
  .filter((file) => file.endsWith(".ts"))
  .sort();
const imports = new Map(files.map((file) => [file, importsOf(file)]));
const problems = [...imports].flatMap(([file, fileImports]) => directionProblems(file, fileImports));
problems.push(...circles(imports));

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else console.log(`rooms: ${files.length} files import in the right direction`);

function directionProblems(file, fileImports) {
  const room = roomOf(file);
  // The package's own face: every room's, one after the other.
  if (file === "index.ts") return fileImports.flatMap((one) => faceProblems(file, one));
  const allowed = MAY_IMPORT[room];
  if (allowed === undefined)
    return [`${join("src", file)}:1: ${room} is not a room (see scripts/check-rooms.mjs)`];
  return fileImports.flatMap(({ specifier, line, target }) => {
    const where = `${join("src", file)}:${line}`;
    if (/^arclet(\/|$)/.test(specifier)) return [`${where}: imports ${specifier}, must be a relative path`];
    if (target === undefined) return [];
    if (target.startsWith("..")) return [`${where}: imports ${specifier}, which is outside src`];
    if (!existsSync(join(src, target))) return [`${where}: imports ${specifier}, which does not exist`];
    const other = roomOf(target);
    if (other === room || allowed.includes(other)) return [];
    return [`${where}: ${room} may not import ${other} (${specifier})`];
  });
}

function faceProblems(file, { specifier, line, target }) {
  if (target !== undefined && target.split(sep).length === 2 && target.endsWith(`${sep}index.ts`)) return [];
  return [`${join("src", file)}:${line}: imports ${specifier}, must be a room's index.ts`];
}

function roomOf(file) {
  return file.includes(sep) ? file.slice(0, file.indexOf(sep)) : file;
}

/** Every static and dynamic import of a file; `target` is relative to src, undefined for packages. */
function importsOf(file) {
  const text = withoutComments(readFileSync(join(src, file), "utf8"));
  const patterns = [
    /(?:^|[;}\s])(?:import|export)\s+(type\s)?[^'"`;()]*?\bfrom\s*(["'])([^"'\n]+)\2/g,
    /(?:^|[;}\s])import\s*()(["'])([^"'\n]+)\2/g,
    /\bimport\s*\(\s*()(["'])([^"'\n]+)\2\s*\)/g,
  ];
  return patterns.flatMap((pattern, index) =>
    [...text.matchAll(pattern)].map((match) => {
      const specifier = match[3];
      const line = text.slice(0, match.index + match[0].indexOf(specifier)).split("\n").length;
      const target = specifier.startsWith(".")
        ? relative(src, resolve(src, dirname(file), specifier))
        : undefined;
      // A dynamic import runs later, and makes no circle; a type-only one makes a circle for the reader.
      return { specifier, line, target, lasting: index !== 2 };
    }),
  );
}

/** Blanks comments and keeps the lines. Strings are skipped, so `"//"` is not a comment. */
function withoutComments(text) {
  return text.replace(
    /("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\[\s\S]|[^`\\])*`)|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g,
    (whole, string) => string ?? whole.replace(/[^\n]/g, " "),
  );
}

/** One line for each circle of imports, at the import that closes it. */
function circles(graph) {
  const state = new Map();
  const lines = [];
  const visit = (file, trail) => {
    state.set(file, "open");
    for (const { target, line, lasting } of graph.get(file) ?? []) {
      if (!lasting || target === undefined || !graph.has(target)) continue;
      if (state.get(target) === "open") {
        const circle = [...trail.slice(trail.indexOf(target)), target].join(" -> ");
        lines.push(`${join("src", file)}:${line}: files import each other in a circle: ${circle}`);
      } else if (!state.has(target)) visit(target, [...trail, target]);
    }
    state.set(file, "closed");
  };
  for (const file of graph.keys()) if (!state.has(file)) visit(file, [file]);
  return lines;
}
