/** Jobs, some at a time, some after others. */
import { interrupted } from "./interrupt.ts";

/**
 * Runs jobs in their order, as many at a time as there are workers. What is not ready is passed over until a job that runs
 * has ended. After the first error, and once the user asks to stop, no further one is begun, and those that run are waited
 * for; follow it by a `safePoint`.
 *
 * @param ready whether a job may begin now; a job that never becomes ready is not run
 * @throws the first error of a job
 */
export async function pool<T>(
  jobs: readonly T[],
  workers: number,
  run: (job: T) => Promise<void>,
  ready: (job: T) => boolean = () => true,
): Promise<void> {
  const waiting = [...jobs];
  const running = new Set<Promise<void>>();
  const errors: unknown[] = [];
  while (true) {
    while (running.size < workers && errors.length === 0 && !interrupted()) {
      const at = waiting.findIndex(ready);
      if (at < 0) break;
      const [job] = waiting.splice(at, 1) as [T];
      const one: Promise<void> = run(job)
        .catch((error: unknown) => void errors.push(error))
        .finally(() => running.delete(one));
      running.add(one);
    }
    if (running.size === 0) break;
    await Promise.race(running);
  }
  if (errors.length > 0) throw errors[0];
}
