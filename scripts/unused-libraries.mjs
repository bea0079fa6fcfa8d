/**
 * Libraries that Debian's libtorch is linked to but never uses: OpenCV and FFmpeg, and some 200 that these need. Loading them takes
 * a third of a program's start, so the door's search path begins with an empty library under each of their names.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

const FAMILIES = /^lib(opencv_\w+|avcodec|avformat|avutil|swscale|swresample)\.so\.\d+$/;

/** Their names. @param libtorch the file of libtorch that holds its operators */
export function unusedLibraries(libtorch) {
  const { status, stdout } = spawnSync("readelf", ["--dynamic", libtorch], { encoding: "utf8" });
  if (status !== 0) return [];
  const needed = [...stdout.matchAll(/\(NEEDED\).*\[(.*)\]/g)].map(([, name]) => name);
  return needed.filter((name) => FAMILIES.test(name));
}

/** Writes an empty library under each name into a folder. */
export function writeEmptyLibraries(folder, names, compiler) {
  mkdirSync(folder, { recursive: true });
  for (const name of names)
    execFileSync(
      compiler,
      ["-shared", "-nostdlib", "-x", "c", "/dev/null", `-Wl,-soname,${name}`, "-o", join(folder, name)],
      { stdio: ["ignore", "inherit", "pipe"] },
    );
}

/**
 * Whether a door finds every library, version and symbol that it and its libraries need, apart from those of Node, which loads it.
 *
 * @param door the file of a native door
 */
export function isComplete(door) {
  const { status, stdout, stderr } = spawnSync("ldd", ["--function-relocs", door], { encoding: "utf8" });
  const said = `${stdout}${stderr}`;
  const missing = [...said.matchAll(/undefined symbol: (\w+)/g)].map(([, name]) => name);
  return status === 0 && !said.includes("not found") && missing.every((name) => name.startsWith("napi_"));
}
