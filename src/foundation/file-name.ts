/** Names of people's making in names of files. */

/**
 * A text as part of a file's name: runs of what is no letter, digit, `_`, `.` or `-` become one `-`. Texts that differ may
 * become the same.
 */
export const inFileName = (text: string): string => text.replace(/[^\w.-]+/g, "-");
