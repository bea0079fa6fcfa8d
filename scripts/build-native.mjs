#!/usr/bin/env node
/**
 * Builds the native doors: native/torch into build/torch.node against the libtorch it finds, and native/sky into
 * build/sky.node against CFITSIO, WCSLIB and SEP; native/node goes into both. A door that is up to date is left alone.
 *
 *   node scripts/build-native.mjs [torch] [sky]      both, if none is named
 *
 * libtorch is the first of: the folder in LIBTORCH; the torch of the Python in ARCLET_TORCH_PYTHON; that of a prefix;
 * Debian's libtorch-dev. CFITSIO, WCSLIB and SEP are those of a prefix, else of /usr. Prefixes are the folders in
 * ARCLET_PREFIX (separated by colons), then conda's, CONDA_PREFIX: each has include/ and lib/. Without SEP the door to the
 * sky is built without the detection of sources. Node's headers come from the running Node's own prefix, else from the package node-api-headers.
 * Each source file is compiled on its own, as many at once as there are cores: a few files need no build system.
 */
import { execFile, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { isComplete, unusedLibraries, writeEmptyLibraries } from "./unused-libraries.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const build = join(root, "build");
/** Where the door to libtorch finds empty libraries. */
const EMPTY = "empty";
/** Sources of both doors. */
const shared = join(root, "native", "node");
const compiler = process.env.CXX ?? "g++";
/** Warnings for our own code alone: other headers are included by -isystem. */
const warnings = ["-Wall", "-Wextra"];

/** Folders with include/ and lib/, in the order in which libraries are looked for. */
const prefixes = [...(process.env.ARCLET_PREFIX ?? "").split(":"), process.env.CONDA_PREFIX ?? ""]
  .filter((folder) => folder !== "")
  .map((folder) => resolve(folder));

/** The compiler's own folder, searched last. Conda's compiler has another root, and doesn't see what is in /usr. */
const system = process.env.CONDA_BUILD_SYSROOT ? [] : ["/usr"];

/** The libraries of native/sky, by their headers: Debian's packages, each with what is looked for. */
const SKY = {
  "libcfitsio-dev": { header: "fitsio.h", version: /CFITSIO_VERSION\s+(\S+)/, name: "CFITSIO" },
  "wcslib-dev": { header: "wcslib/wcsconfig.h", version: /WCSLIB_VERSION (\S+)/, name: "WCSLIB" },
  "zlib1g-dev": { header: "zlib.h", version: null, name: "zlib" },
  "libsep-dev": { header: "sep.h", version: null, name: "SEP" },
};

const doors = { torch: buildTorch, sky: buildSky };
const asked = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(doors);
for (const name of asked) {
  if (doors[name] === undefined) {
    console.error(`build-native: door must be one of ${Object.keys(doors).join(", ")}, got ${name}`);
    process.exit(2);
  }
  await doors[name]();
}

async function buildTorch() {
  const torch = findTorch();
  await buildDoor({
    name: "torch",
    title: `libtorch ${torch.version} (${torch.from})`,
    folder: torch.libraries,
    flags: [
      standardOf(torch),
      "-O2",
      "-fPIC",
      "-DNDEBUG",
      "-DAT_PER_OPERATOR_HEADERS", // declares only the operators that a file includes: half the compile time
      ...warnings,
      `-D_GLIBCXX_USE_CXX11_ABI=${torch.cxx11Abi}`,
      ...rankFlags(torch),
      ...[nodeHeaders(), ...torch.includes].flatMap((path) => ["-isystem", path]),
    ],
    against: torch,
    libraries: [
      `-L${torch.libraries}`,
      ...torch.blas.map((folder) => `-Wl,--disable-new-dtags,-rpath,${folder}`),
      `-Wl,-rpath,${torch.libraries}`,
      "-ltorch",
      "-ltorch_cpu",
      "-lc10",
      ...(torch.cuda ? ["-Wl,--no-as-needed", "-ltorch_cuda", "-lc10_cuda", "-Wl,--as-needed"] : []),
    ],
    unused: torch.unused,
    facts: { from: torch.from, version: torch.version, libraries: torch.libraries },
  });
}

async function buildSky() {
  const sky = findSky();
  await buildDoor({
    name: "sky",
    title: sky.title,
    folder: sky.folders.join(", "),
    flags: [
      ...["-std=c++17", "-O2", "-fPIC", "-DNDEBUG", ...warnings, "-isystem", nodeHeaders()],
      ...(sky.sep ? [] : ["-DARCLET_WITHOUT_SEP"]),
      ...ownFolders(sky).flatMap((folder) => ["-isystem", join(folder, "include")]),
    ],
    against: sky,
    libraries: [
      ...ownFolders(sky).flatMap((folder) => [
        `-L${join(folder, "lib")}`,
        `-Wl,-rpath,${join(folder, "lib")}`,
      ]),
      ...["-lcfitsio", "-lwcs", ...(sky.sep ? ["-lsep"] : []), "-lz"],
    ],
    facts: { title: sky.title },
  });
}

/**
 * Compiles and links native/NAME and native/node into build/NAME.node, unless it was built from the same sources and settings.
 *
 * @param unused names of libraries that it loads empty ones for
 */
async function buildDoor({ name, title, folder, flags, against, libraries, unused = [], facts }) {
  const sources = [join(root, "native", name), shared];
  const target = join(build, `${name}.node`);
  const stamp = join(build, `${name}.stamp.json`);
  const identity = fingerprint(sources, [flags, against, compiler, process.version]);
  if (existsSync(target) && existsSync(stamp)) {
    if (JSON.parse(readFileSync(stamp, "utf8")).identity === identity) return;
  }
  const started = Date.now();
  console.log(`building the door to ${title} …`);
  const objects = join(build, "obj", name);
  mkdirSync(objects, { recursive: true });
  try {
    const files = sources.flatMap((source) =>
      filesIn(source)
        .filter((file) => file.endsWith(".cc"))
        .map((file) => join(source, file)),
    );
    const compiled = await compileAll(files, objects, flags);
    link(target, compiled, libraries, unused);
  } catch (error) {
    const lines = String(error.stderr ?? error.message).split("\n");
    console.error(lines.slice(0, 40).join("\n"));
    console.error(`build-native: ${compiler} failed against ${title} in ${folder}`);
    process.exit(1);
  }
  writeFileSync(stamp, JSON.stringify({ identity, ...facts }, null, 2));
  console.log(`built build/${name}.node in ${((Date.now() - started) / 1000).toFixed(0)} s`);
}

function findSky() {
  const found = {};
  for (const [debian, { header }] of Object.entries(SKY)) {
    // zlib is CFITSIO's own, wherever that is from.
    const before = debian === "zlib1g-dev" ? [found["libcfitsio-dev"]].filter(Boolean) : prefixes;
    found[debian] = [...before, ...system].find((folder) => existsSync(join(folder, "include", header)));
  }
  const missing = Object.keys(SKY).filter((debian) => found[debian] === undefined && debian !== "libsep-dev");
  if (missing.length > 0) {
    const where = prefixes.length === 0 ? "" : ` in ${[...prefixes, ...system].join(", ")}`;
    console.error(
      `build-native: ${missing.join(", ")} not found${where}. Install:  apt-get install ${missing.join(" ")}\n` +
        "  or set ARCLET_PREFIX to the folder whose include/ and lib/ have them (of conda, the environment's).",
    );
    process.exit(2);
  }
  const there = Object.entries(SKY).filter(([debian]) => found[debian] !== undefined);
  const names = there.map(([debian, { header, version, name }]) => {
    const text = version?.exec(readFileSync(join(found[debian], "include", header), "utf8"))?.[1];
    return text === undefined ? name : `${name} ${text}`;
  });
  const sep = found["libsep-dev"] !== undefined;
  if (!sep) names.push("no SEP (detect says so when it is asked)");
  return { title: names.join(", "), folders: [...new Set(Object.values(found).filter(Boolean))], sep };
}

/** Folders that the compiler doesn't search by itself. */
function ownFolders({ folders }) {
  return folders.filter((folder) => folder !== "/usr");
}

function findTorch() {
  if (process.env.LIBTORCH) return folderTorch(resolve(process.env.LIBTORCH), "LIBTORCH");
  if (process.env.ARCLET_TORCH_PYTHON) return pythonTorch(process.env.ARCLET_TORCH_PYTHON);
  const prefix = prefixes.find(hasTorch);
  if (prefix !== undefined) return folderTorch(prefix, prefix);
  for (const libraries of debianLibraries()) {
    if (existsSync(join(libraries, "libtorch_cpu.so")) && existsSync("/usr/include/ATen/ATen.h")) {
      const includes = ["/usr/include", "/usr/include/torch/csrc/api/include"];
      return {
        from: "Debian's libtorch-dev",
        includes: includes.slice(1),
        libraries,
        blas: openmpBlas(libraries),
        unused: unusedLibraries(join(libraries, "libtorch_cpu.so")),
        cxx11Abi: 1,
        version: versionIn(includes),
        cuda: false,
      };
    }
  }
  console.error(
    "build-native: libtorch not found. Install it:  apt-get install libtorch-dev libopenblas0-openmp g++\n" +
      "  or set LIBTORCH to an unpacked libtorch folder, ARCLET_TORCH_PYTHON to a Python that imports torch,\n" +
      "  or ARCLET_PREFIX to the folder whose include/ and lib/ have it.",
  );
  process.exit(2);
}

/**
 * Debian's libtorch works with OpenMP's threads. OpenBLAS's pthread build, which Debian prefers, has its own threads,
 * which compete for the cores: a ViT trains 2.5 times as fast with the OpenMP build. An old-style rpath of the door, which
 * applies to libtorch's own needs too, finds it first; the system's choice for other programs stays as it is.
 */
function openmpBlas(libraries) {
  const folder = join(libraries, "openblas-openmp");
  return existsSync(join(folder, "libblas.so.3")) ? [folder] : [];
}

function debianLibraries() {
  return existsSync("/usr/lib")
    ? readdirSync("/usr/lib")
        .filter((n) => n.endsWith("-linux-gnu"))
        .map((n) => join("/usr/lib", n))
    : [];
}

function hasTorch(folder) {
  return existsSync(join(folder, "lib/libtorch_cpu.so")) && existsSync(join(folder, "include/ATen/ATen.h"));
}

function folderTorch(folder, from, cxx11Abi = 1) {
  const includes = [join(folder, "include"), join(folder, "include/torch/csrc/api/include")];
  const libraries = join(folder, "lib");
  if (!hasTorch(folder)) {
    console.error(`build-native: ${from}: ${folder} must have include/ATen/ATen.h and lib/libtorch_cpu.so`);
    process.exit(2);
  }
  return {
    from,
    includes,
    libraries,
    blas: [],
    cxx11Abi,
    version: versionIn(includes),
    cuda: existsSync(join(libraries, "libtorch_cuda.so")),
  };
}

function pythonTorch(python) {
  const ask =
    "import torch,os;print(os.path.dirname(torch.__file__));print(int(torch._C._GLIBCXX_USE_CXX11_ABI))";
  try {
    const [folder, abi] = execFileSync(python, ["-c", ask], { encoding: "utf8" }).trim().split("\n");
    if (existsSync(join(folder, "lib/libtorch_cpu.so")))
      return folderTorch(folder, `torch of ${python}`, Number(abi));
    console.error(
      `build-native: the torch of ${python} brings no libraries of its own; unset ARCLET_TORCH_PYTHON`,
    );
  } catch (error) {
    console.error(
      `build-native: ARCLET_TORCH_PYTHON: ${python} can't import torch (${String(error.message).split("\n")[0]})`,
    );
  }
  process.exit(2);
}

/**
 * Training by several processes needs c10d's headers and those of Gloo, which libtorch's own folder may lack; NCCL those of
 * CUDA too. Without them the door is built without.
 */
function rankFlags({ includes, cuda }) {
  const folders = [...includes, "/usr/include", "/usr/local/cuda/include"];
  const has = (header) => folders.some((folder) => existsSync(join(folder, header)));
  if (!has("torch/csrc/distributed/c10d/ProcessGroupGloo.hpp") || !has("gloo/context.h")) return [];
  const nccl = cuda && has("nccl.h") && has("cuda_runtime.h");
  return ["-DUSE_C10D_GLOO", ...(nccl ? ["-DUSE_C10D_NCCL", "-isystem", "/usr/local/cuda/include"] : [])];
}

/** The C++ that libtorch's headers are written in. */
function standardOf({ version }) {
  const [major, minor] = version.split(".").map(Number);
  return major > 2 || (major === 2 && minor >= 10) ? "-std=c++20" : "-std=c++17";
}

function versionIn(includes) {
  for (const include of includes) {
    for (const name of ["torch/version.h", "torch/headeronly/version.h"]) {
      const path = join(include, name);
      if (!existsSync(path)) continue;
      const text = readFileSync(path, "utf8");
      const parts = ["MAJOR", "MINOR", "PATCH"].map(
        (part) => new RegExp(`VERSION_${part} (\\d+)`).exec(text)?.[1],
      );
      if (parts.every(Boolean)) return parts.join(".");
    }
  }
  return "of unknown version";
}

function nodeHeaders() {
  const headers = join(dirname(dirname(process.execPath)), "include/node");
  if (existsSync(join(headers, "node_api.h"))) return headers;
  return createRequire(import.meta.url)("node-api-headers").include_dir;
}

function fingerprint(folders, settings) {
  const hash = createHash("sha256").update(JSON.stringify(settings));
  for (const folder of folders)
    for (const name of filesIn(folder)) hash.update(name).update(readFileSync(join(folder, name)));
  return hash.digest("hex");
}

function filesIn(folder) {
  return readdirSync(folder).sort();
}

async function compileAll(files, objects, flags) {
  const queue = [...files];
  // Two folders may have files of one name.
  const objectOf = (path) => join(objects, `${basename(dirname(path))}-${basename(path, ".cc")}.o`);
  const workers = Array.from({ length: Math.max(1, availableParallelism()) }, async () => {
    for (let path = queue.shift(); path; path = queue.shift()) await compile(path, objectOf(path), flags);
  });
  await Promise.all(workers);
  return files.map(objectOf);
}

function compile(from, to, flags) {
  return new Promise((done, fail) => {
    execFile(compiler, [...flags, "-c", from, "-o", to], (error, _out, stderr) => {
      if (error) return fail(Object.assign(error, { stderr: stderr || error.message }));
      if (stderr !== "") console.error(stderr.trimEnd());
      done();
    });
  });
}

function link(target, objects, libraries, unused) {
  const partial = `${target}.partial`;
  const linked = (first) =>
    execFileSync(compiler, ["-shared", "-o", partial, ...objects, ...first, ...libraries], {
      stdio: ["ignore", "inherit", "pipe"],
    });
  if (unused.length > 0) {
    writeEmptyLibraries(join(build, EMPTY), unused, compiler);
    // Of the old style, as for BLAS: it holds for what libtorch needs, too.
    linked([`-Wl,--disable-new-dtags,-rpath,$ORIGIN/${EMPTY}`]);
  }
  if (unused.length === 0 || !isComplete(partial)) linked([]);
  renameSync(partial, target);
  for (const object of objects) rmSync(object, { force: true });
}
