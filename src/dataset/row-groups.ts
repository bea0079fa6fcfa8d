/**
 * Row groups of a dataset's table. Parquet writes a group in one piece from memory, so a group is limited by its bytes
 * too: a row may be 200 bytes, or 200 kB where a scene has a thousand subhaloes.
 */
export const LARGEST_GROUP = { rows: 32_768, bytes: 16 * 2 ** 20 } as const;

/**
 * DuckDB limits groups by bytes only where it need not keep the rows' order. With one thread, which `withDuckDB` sets, it
 * keeps their order all the same.
 */
export const IN_GROUPS = {
  setting: "SET preserve_insertion_order = false",
  format: `FORMAT parquet, ROW_GROUP_SIZE ${LARGEST_GROUP.rows}, ROW_GROUP_SIZE_BYTES ${LARGEST_GROUP.bytes}`,
} as const;
