/** The native build where libraries are no system packages: in a folder of one's own, as conda has them. */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";
import { fitsBytes } from "../src/sky/fits.ts";
import { slow } from "./slow.ts";

slow("compiles the door to the sky");

const { isComplete } = await import(resolve("scripts/unused-libraries.mjs"));

const folder = mkdtempSync(join(tmpdir(), "arclet-native-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A copy that builds into a folder of its own. */
const copy = join(folder, "arclet");
for (const name of [
  ...["native/sky", "native/node", "package.json"],
  ...["scripts/build-native.mjs", "scripts/unused-libraries.mjs"],
])
  cpSync(resolve(name), join(copy, name), { recursive: true });
symlinkSync(resolve("node_modules"), join(copy, "node_modules"));

/** The same compiler, which needn't optimise here. */
const compiler = join(folder, "quick-g++");
writeFileSync(compiler, '#!/bin/sh\nexec g++ "$@" -O0\n');
chmodSync(compiler, 0o755);

/** This machine's headers and libraries, linked into another folder. */
function prefixOf(name: string, headers: readonly string[], libraries: RegExp): string {
  const prefix = join(folder, name);
  mkdirSync(join(prefix, "include"), { recursive: true });
  mkdirSync(join(prefix, "lib"));
  for (const header of headers) symlinkSync(join("/usr/include", header), join(prefix, "include", header));
  const [system] = readdirSync("/usr/lib").filter((one) => one.endsWith("-linux-gnu"));
  for (const library of readdirSync(join("/usr/lib", system!)).filter((one) => libraries.test(one)))
    symlinkSync(join("/usr/lib", system!, library), join(prefix, "lib", library));
  return prefix;
}

const build = (doors: readonly string[], env: Record<string, string>) =>
  spawnSync("node", [join(copy, "scripts/build-native.mjs"), ...doors], {
    encoding: "utf8",
    env: { ...process.env, CONDA_PREFIX: "", ARCLET_PREFIX: "", CXX: compiler, ...env },
  });

test("libraries in ARCLET_PREFIX and conda's environment are taken; where SEP is missing, detecting alone is refused", () => {
  const own = prefixOf("own", ["wcslib"], /^libwcs\.so/);
  const conda = prefixOf("conda", ["fitsio.h", "fitsio2.h", "longnam.h", "zlib.h"], /^lib(cfitsio|z)\.so/);
  const { status, stdout, stderr } = build(["sky"], {
    ...{ ARCLET_PREFIX: `${join(folder, "empty")}:${own}`, CONDA_PREFIX: conda },
    // As conda's compiler sets it, which doesn't see /usr, where this machine may have SEP.
    CONDA_BUILD_SYSROOT: join(conda, "sysroot"),
  });
  expect(status, stderr).toBe(0);
  expect(stdout).toMatch(/CFITSIO \d.*WCSLIB \d.*zlib, no SEP/);
  const door = join(copy, "build", "sky.node");
  const needed = spawnSync("ldd", [door], { encoding: "utf8" }).stdout;
  expect(needed).toContain(`=> ${join(own, "lib", "libwcs.so")}`);
  expect(needed).toContain(`=> ${join(conda, "lib", "libcfitsio.so")}`);
  expect(needed).toContain(`=> ${join(conda, "lib", "libz.so")}`);
  expect(needed).not.toContain("libsep");
  const sky = createRequire(import.meta.url)(door);
  const bytes = new Uint8Array(fitsBytes([{ data: Float32Array.of(1, 2, 3, 4), shape: [2, 2] }]));
  const { file } = sky.openBytes(bytes);
  expect([...sky.read(file, 0, false)]).toEqual([1, 2, 3, 4]);
  sky.close(file);
  expect(() => sky.background(new Float32Array(4), 2, 2, null, null, 2, 1)).toThrow(
    /^Arclet was built without SEP, .*: install it \(Debian's libsep-dev, .*\), then set up again$/,
  );
});

test("libraries that are nowhere are named, with the ways out", () => {
  const { status, stderr } = build(["sky"], {
    CONDA_PREFIX: join(folder, "conda"),
    CONDA_BUILD_SYSROOT: "/nowhere",
  });
  expect(status).toBe(2);
  expect(stderr).toBe(
    `build-native: wcslib-dev not found in ${join(folder, "conda")}. Install:  apt-get install wcslib-dev\n` +
      "  or set ARCLET_PREFIX to the folder whose include/ and lib/ have them (of conda, the environment's).\n",
  );
});

test("a door that there isn't is refused", () => {
  const { status, stderr } = build(["sea"], {});
  expect(status).toBe(2);
  expect(stderr).toBe("build-native: door must be one of torch, sky, got sea\n");
});

/** A shared library of some C, compiled as a door is. @param more what it is linked to */
function libraryOf(name: string, source: string, ...more: string[]): string {
  const file = join(folder, `${name}.so`);
  writeFileSync(join(folder, `${name}.c`), source);
  const args = ["-shared", "-fPIC", "-o", file, join(folder, `${name}.c`), ...more];
  const { status, stderr } = spawnSync("gcc", args, { encoding: "utf8" });
  expect(stderr).toBe("");
  expect(status).toBe(0);
  return file;
}

test("a door is complete if it lacks no more than Node's own functions", () => {
  const calling = (name: string) => `void ${name}(void); void call(void) { ${name}(); }`;
  expect(isComplete(libraryOf("of-node", calling("napi_throw")))).toBe(true);
  expect(isComplete(libraryOf("of-nobody", calling("cv_imread")))).toBe(false);
  const other = libraryOf("other", "void cv_imread(void) {}");
  const needing = libraryOf("needing", calling("cv_imread"), other);
  expect(isComplete(needing)).toBe(true);
  rmSync(other);
  expect(isComplete(needing)).toBe(false);
});

const stamp = JSON.parse(readFileSync("build/torch.stamp.json", "utf8"));

test.skipIf(!stamp.from.startsWith("Debian"))(
  "the door loads none of the libraries that Debian's libtorch takes nothing from",
  () => {
    const { stdout } = spawnSync("ldd", ["build/torch.node"], { encoding: "utf8" });
    const loaded = [...stdout.matchAll(/(lib(?:opencv|av)\w*)\S* => (\S+)/g)];
    expect(loaded.length).toBeGreaterThan(0);
    for (const [, name, path] of loaded)
      expect(path, name).toBe(join(resolve("build/empty"), basename(path!)));
    expect(stdout).not.toContain("libgdal");
  },
);
