/** Values that earlier versions wrote under other names, so that their run folders and models are still read. */

/** The earlier name and today's, by key, at any depth of the values. */
const EARLIER: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  preset: { seed: "deeplense" },
};

/** The values with today's names, in groups of settings too. */
export function withCurrentNames<T extends Record<string, unknown>>(values: T): T {
  const current = Object.entries(values).map(([key, value]): [string, unknown] => {
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return [key, withCurrentNames(value as Record<string, unknown>)];
    return [key, (typeof value === "string" && EARLIER[key]?.[value]) || value];
  });
  return Object.fromEntries(current) as T;
}
