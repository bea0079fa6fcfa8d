/** Numbers of shards as people write them. */

const SHOWN = 8;

/** `1, 5-7, 9 and 12 more` */
export function listed(numbers: readonly number[]): string {
  const runs = runsOf(numbers);
  const text = runs.slice(0, SHOWN).join(", ");
  return runs.length > SHOWN ? `${text}, …` : text;
}

/** Numbers in order as runs: `1`, `5-7`. */
export function runsOf(numbers: readonly number[]): string[] {
  const runs: [number, number][] = [];
  for (const number of numbers) {
    const last = runs.at(-1);
    if (last !== undefined && last[1] === number - 1) last[1] = number;
    else runs.push([number, number]);
  }
  return runs.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`));
}
