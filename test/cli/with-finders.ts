/** The command line with a folder of finders of the test's own in place of the package's. */
import { commandLine } from "./arclet.ts";
import { run } from "./standing.ts";

/** As `commandLine`; the standing program is started again when the folder of finders changes. */
export const withFinders = (folder: string, finders: string) =>
  commandLine(folder, (args, cwd) => {
    process.env.ARCLET_FINDERS = finders;
    try {
      return run(args, cwd);
    } finally {
      delete process.env.ARCLET_FINDERS;
    }
  });
