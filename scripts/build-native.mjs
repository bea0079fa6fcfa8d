#!/usr/bin/env node
/**
 * Builds native/torch into build/torch.node against the libtorch it finds; does nothing when that is current.
 *
 * libtorch is, in this order: the folder in LIBTORCH; the torch of the Python in ARCLET_TORCH_PYTHON; Debian's
 * libtorch-dev. Node's headers come from the running Node's own prefix, else from the package node-api-headers.
 * One compiler run a source file, as many at once as there are cores: no build system is needed for six files.
 */
import { execFile, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const source = join(root, "native/torch");
const build = join(root, "build");
const target = join(build, "torch.node");
const stamp = join(build, "torch.stamp.json");

const torch = findTorch();
const compiler = process.env.CXX ?? "g++";
const files = readdirSync(source)
  .filter((name) => name.endsWith(".cc"))
  .sort();
const flags = [
  "-std=c++17",
  "-O2",
  "-fPIC",
  "-DNDEBUG",
  "-DAT_PER_OPERATOR_HEADERS", // declares only the operators that a file includes: half the compile time
  "-Wall",
  "-Wno-sign-compare",
  `-D_GLIBCXX_USE_CXX11_ABI=${torch.cxx11Abi}`,
  ...[nodeHeaders(), ...torch.includes].map((path) => `-I${path}`),
];
const identity = fingerprint();

if (
  existsSync(target) &&
  existsSync(stamp) &&
  JSON.parse(readFileSync(stamp, "utf8")).identity === identity
) {
  process.exit(0);
}
const started = Date.now();
console.log(`building the door to libtorch ${torch.version} (${torch.from}) …`);
mkdirSync(build, { recursive: true });
try {
  await compileAll();
  link();
} catch (error) {
  console.error(
    String(error.stderr ?? error.message)
      .split("\n")
      .slice(0, 40)
      .join("\n"),
  );
  console.error(`build-native: ${compiler} failed against libtorch ${torch.version} in ${torch.libraries}`);
  process.exit(1);
}
writeFileSync(
  stamp,
  JSON.stringify({ identity, from: torch.from, version: torch.version, libraries: torch.libraries }, null, 2),
);
console.log(`built build/torch.node in ${((Date.now() - started) / 1000).toFixed(0)} s`);

function findTorch() {
  if (process.env.LIBTORCH) return folderTorch(resolve(process.env.LIBTORCH), "LIBTORCH");
  if (process.env.ARCLET_TORCH_PYTHON) return pythonTorch(process.env.ARCLET_TORCH_PYTHON);
  for (const libraries of debianLibraries()) {
    if (existsSync(join(libraries, "libtorch_cpu.so")) && existsSync("/usr/include/ATen/ATen.h")) {
      const includes = ["/usr/include", "/usr/include/torch/csrc/api/include"];
      return {
        from: "Debian's libtorch-dev",
        includes: includes.slice(1),
        libraries,
        cxx11Abi: 1,
        version: versionIn(includes),
        cuda: false,
      };
    }
  }
  console.error(
    "build-native: libtorch not found. Install it:  apt-get install libtorch-dev libopenblas0-pthread g++\n" +
      "  or set LIBTORCH to an unpacked libtorch folder, or ARCLET_TORCH_PYTHON to a Python that imports torch.",
  );
  process.exit(2);
}

function debianLibraries() {
  return existsSync("/usr/lib")
    ? readdirSync("/usr/lib")
        .filter((n) => n.endsWith("-linux-gnu"))
        .map((n) => join("/usr/lib", n))
    : [];
}

function folderTorch(folder, from, cxx11Abi = 1) {
  const includes = [join(folder, "include"), join(folder, "include/torch/csrc/api/include")];
  const libraries = join(folder, "lib");
  if (!existsSync(join(libraries, "libtorch_cpu.so")) || !existsSync(join(includes[0], "ATen/ATen.h"))) {
    console.error(`build-native: ${from}: ${folder} must hold include/ATen/ATen.h and lib/libtorch_cpu.so`);
    process.exit(2);
  }
  return {
    from,
    includes,
    libraries,
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
  const own = join(dirname(dirname(process.execPath)), "include/node");
  if (existsSync(join(own, "node_api.h"))) return own;
  return createRequire(import.meta.url)("node-api-headers").include_dir;
}

function fingerprint() {
  const hash = createHash("sha256").update(JSON.stringify([flags, torch, compiler, process.version]));
  for (const name of readdirSync(source).sort()) hash.update(readFileSync(join(source, name)));
  return hash.digest("hex");
}

async function compileAll() {
  const queue = [...files];
  const workers = Array.from({ length: Math.max(1, availableParallelism()) }, async () => {
    for (let name = queue.shift(); name; name = queue.shift()) await compile(name);
  });
  await Promise.all(workers);
}

function compile(name) {
  const object = join(build, name.replace(/\.cc$/, ".o"));
  return new Promise((done, fail) => {
    execFile(compiler, [...flags, "-c", join(source, name), "-o", object], (error, _out, stderr) => {
      if (error) fail(Object.assign(error, { stderr: stderr || error.message }));
      else done();
    });
  });
}

function link() {
  const objects = files.map((name) => join(build, name.replace(/\.cc$/, ".o")));
  const cuda = torch.cuda ? ["-Wl,--no-as-needed", "-ltorch_cuda", "-lc10_cuda", "-Wl,--as-needed"] : [];
  const run = [
    `-L${torch.libraries}`,
    `-Wl,-rpath,${torch.libraries}`,
    "-ltorch",
    "-ltorch_cpu",
    "-lc10",
    ...cuda,
  ];
  const partial = `${target}.partial`;
  execFileSync(compiler, ["-shared", "-o", partial, ...objects, ...run], {
    stdio: ["ignore", "inherit", "pipe"],
  });
  renameSync(partial, target);
  for (const object of objects) rmSync(object, { force: true });
}
