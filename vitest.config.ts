import { defineConfig } from "vitest/config";

/**
 * Tests that need a process of their own: they register plug-ins, or change what a process is. All others share three
 * processes, and the standing program of each (test/cli/standing.ts), since loading libtorch takes longer than most files'
 * tests.
 */
const OWN_PROCESS = [
  "test/*.test.ts",
  "test/{plugins,testing}/**/*.test.ts",
  "test/cli/own-outputs.test.ts",
  "test/docs/library.test.ts",
  "test/foundation/{interrupt,lock,progress}.test.ts",
  "test/torch/{errors,machine,modes,guards}.test.ts",
  "test/train/device.test.ts",
];

export default defineConfig({
  test: {
    globalSetup: ["test/build.ts"],
    pool: "forks",
    // One more than the cores of a small machine: tests of ranks, queues and pauses wait a quarter of their time.
    maxWorkers: 3,
    // One thread for each process and for the programs that it starts, whose waiting threads would keep the cores from the
    // others. Tests of threads set their own number.
    env: { ARCLET_THREADS: "1", OMP_NUM_THREADS: "1", OMP_WAIT_POLICY: "passive" },
    // Against hangs only. Most tests take milliseconds; a file's first one may load libtorch, a second on an idle machine
    // and ten on a busy one. A file whose tests take longer says so itself: test/slow.ts.
    testTimeout: 20_000,
    hookTimeout: 20_000,
    projects: [
      { extends: true, test: { name: "own process", include: OWN_PROCESS } },
      {
        extends: true,
        test: { name: "shared", include: ["test/**/*.test.ts"], exclude: OWN_PROCESS, isolate: false },
      },
    ],
  },
});
