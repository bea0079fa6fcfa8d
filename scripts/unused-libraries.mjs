/**
 * Libraries that Debian's libtorch names and takes nothing from: OpenCV and FFmpeg, with some 200 that these need. They make a third
 * of the time that a program takes to load libtorch, so the door finds an empty library under each of their names first.
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
 * Whether all that a door and its libraries take from each other is there. Node's own interface is not, which has it loaded.
 *
 * @param door the file of a native door
 */
export function isComplete(door) {
  const { status, stdout, stderr } = spawnSync("ldd", ["--function-relocs", door], { encoding: "utf8" });
  const missing = [...`${stdout}${stderr}`.matchAll(/undefined symbol: (\w+)/g)].map(([, name]) => name);
  return status !== null && missing.every((name) => name.startsWith("napi_"));
}
