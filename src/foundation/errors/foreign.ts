/**
 * Errors of the system and of other libraries: the boundary. What such an error means follows from its `code` alone
 * (errno, zlib's, a native door's); its text is passed on, cleaned, and never read.
 */
import { ArcletError } from "../errors.ts";
import { type ErrorCode, isErrorCode } from "./codes.ts";
import type { ErrorData, Location } from "./data.ts";
import { foreignText } from "./foreign-text.ts";

interface Known {
  code: ErrorCode;
  problem: string;
}

const SYSTEM: Readonly<Record<string, Known>> = {
  ENOENT: { code: "absent", problem: "no such file or folder" },
  EACCES: { code: "unreadable", problem: "permission denied" },
  EPERM: { code: "unreadable", problem: "permission denied" },
  EIO: { code: "unreadable", problem: "the disk can't read or write it" },
  EISDIR: { code: "argument", problem: "is a folder, a file was expected" },
  ENOTDIR: { code: "argument", problem: "a part of the path is not a folder" },
  ENAMETOOLONG: { code: "argument", problem: "the name is too long" },
  ELOOP: { code: "broken", problem: "links that lead to each other" },
  EEXIST: { code: "conflict", problem: "exists already" },
  EROFS: { code: "machine", problem: "the file system is read-only" },
  ENOSPC: { code: "machine", problem: "no space left on the disk" },
  EDQUOT: { code: "machine", problem: "no space left in your quota of the disk" },
  EFBIG: { code: "machine", problem: "larger than a file may be here (see ulimit -f)" },
  ENOMEM: { code: "machine", problem: "out of memory" },
  EAGAIN: { code: "machine", problem: "the system has no more processes or memory to give (see ulimit -u)" },
  ENFILE: { code: "machine", problem: "too many open files on this machine" },
  ERR_DLOPEN_FAILED: {
    code: "machine",
    problem:
      "a library that Arclet needs can't be loaded (is memory limited? see ulimit -v and arclet doctor)",
  },
  ERR_MEMORY_ALLOCATION_FAILED: { code: "machine", problem: "out of memory" },
  EMFILE: { code: "machine", problem: "too many open files (see ulimit -n)" },
};

/** zlib's codes, and Node's for what unpacks to more than it may. */
const PACKED: ReadonlyMap<string, ErrorCode> = new Map([
  ["Z_BUF_ERROR", "truncated"],
  ["Z_DATA_ERROR", "broken"],
  ["Z_MEM_ERROR", "machine"],
  ["ERR_BUFFER_TOO_LARGE", "too-large"],
]);

const codeOf = (error: unknown): string | undefined => {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === "string" ? code : undefined;
};

/** Whether the system says so, e.g. of a file that is not there; undefined for any other error. */
export function systemProblem(error: unknown): Known | undefined {
  const code = codeOf(error);
  return code !== undefined && Object.hasOwn(SYSTEM, code) ? SYSTEM[code] : undefined;
}

/** What went wrong, as a part of a sentence: an ArcletError's reason, or another library's text on one line. */
export const reasonOf = (error: unknown): string =>
  error instanceof ArcletError ? error.reason : foreignText(error);

/** The code of an error of any library; `otherwise` where it has none that is known. */
export function errorCodeOf(error: unknown, otherwise: ErrorCode): ErrorCode {
  const code = codeOf(error);
  if (code === undefined) return otherwise;
  return systemProblem(error)?.code ?? PACKED.get(code) ?? (isErrorCode(code) ? code : otherwise);
}

/**
 * Another library's error as ours; ours stay as they are.
 *
 * @param otherwise the code where the error has none that is known
 * @param told how the library's text stands in the sentence, e.g. `(reason) => `does not unpack (${reason})``
 */
export function foreignError(
  where: string | Location,
  error: unknown,
  otherwise: ErrorCode,
  told: (reason: string) => string = (reason) => reason,
): ArcletError {
  if (error instanceof ArcletError) return error;
  const location = typeof where === "string" ? { where } : where;
  const system = systemProblem(error);
  const data: ErrorData = {
    ...location,
    code: errorCodeOf(error, otherwise),
    problem: system?.problem ?? told(reasonOf(error)),
  };
  return new ArcletError(data, { cause: error });
}
