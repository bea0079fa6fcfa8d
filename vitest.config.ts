import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/build.ts"],
    // Every file has its own process: one process's live-tensor count and thread settings are its own.
    pool: "forks",
    maxWorkers: 2,
    // One thread for each of them and for the programs that they start, whose waiting threads would keep the cores from
    // the others. Tests of threads set their own number.
    env: { ARCLET_THREADS: "1", OMP_NUM_THREADS: "1", OMP_WAIT_POLICY: "passive" },
    // Against hangs only. Most tests take milliseconds; a file's first one loads libtorch, a second on an idle machine and
    // ten on a busy one. A file whose tests take longer says so itself: test/slow.ts.
    testTimeout: 20_000,
    hookTimeout: 20_000,
  },
});
