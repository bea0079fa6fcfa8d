/** Runs jobs, a few at a time, some only after others. */
import { interrupted } from "./interrupt.ts";

/**
 * Runs jobs in order, at most `workers` at a time. Jobs that are not ready are passed over until a running job has ended.
 * After the first error, or once the user asks to stop, no further job starts and the running ones are waited for; call
 * `safePoint` afterwards.
 *
 * @param ready whether a job may start now; a job that never becomes ready is not run
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
      const index = waiting.findIndex(ready);
      if (index < 0) break;
      const [job] = waiting.splice(index, 1) as [T];
      const task: Promise<void> = run(job)
        .catch((error: unknown) => void errors.push(error))
        .finally(() => running.delete(task));
      running.add(task);
    }
    if (running.size === 0) break;
    await Promise.race(running);
  }
  if (errors.length > 0) throw errors[0];
}
