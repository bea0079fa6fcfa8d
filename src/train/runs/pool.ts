/** Jobs, some at a time, some after others. */
import { interrupted } from "../../foundation/interrupt.ts";

/**
 * Runs jobs in their order, as many at a time as there are workers. What is not ready is passed over until a job that runs
 * has ended. At the user's wish to stop no further one is begun, and those that run are waited for.
 *
 * @param ready whether a job may begin now; a job that never becomes ready is not run
 */
export async function pool<T>(
  jobs: readonly T[],
  workers: number,
  run: (job: T) => Promise<void>,
  ready: (job: T) => boolean = () => true,
): Promise<void> {
  const waiting = [...jobs];
  const running = new Set<Promise<void>>();
  while (true) {
    while (running.size < workers && !interrupted()) {
      const at = waiting.findIndex(ready);
      if (at < 0) break;
      const [job] = waiting.splice(at, 1) as [T];
      const one: Promise<void> = run(job).finally(() => running.delete(one));
      running.add(one);
    }
    if (running.size === 0) return;
    await Promise.race(running);
  }
}
