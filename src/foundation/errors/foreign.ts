/**
 * Errors of the system and of other libraries, turned into ours. What such an error means follows from its `code` alone
 * (errno, zlib's, a native door's); its text is cleaned and passed on, never parsed.
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
  EISDIR: { code: "argument", problem: "is a folder, not a file" },
  ERR_FS_EISDIR: { code: "argument", problem: "is a folder, not a file" }, // Node's own, of rmSync
  ENOTDIR: { code: "argument", problem: "a part of the path is not a folder" },
  ENAMETOOLONG: { code: "argument", problem: "the name is too long" },
  ELOOP: { code: "broken", problem: "a loop of symbolic links" },
  EEXIST: { code: "conflict", problem: "exists already" },
  EROFS: { code: "machine", problem: "the file system is read-only" },
  ENOSPC: { code: "machine", problem: "no space left on the disk" },
  EDQUOT: { code: "machine", problem: "your disk quota is used up" },
  EFBIG: { code: "machine", problem: "the file would be larger than allowed (see ulimit -f)" },
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

/** zlib's codes, and Node's for data that unpacks to more than allowed. */
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

/** What a system error says, e.g. that a file is not there; undefined for any other error. */
export function systemProblem(error: unknown): Known | undefined {
  const code = codeOf(error);
  return code !== undefined && Object.hasOwn(SYSTEM, code) ? SYSTEM[code] : undefined;
}

/** What went wrong, as part of a sentence: an ArcletError's reason, or another library's message on one line. */
export const reasonOf = (error: unknown): string =>
  error instanceof ArcletError ? error.reason : foreignText(error);

/** The code of an error of any library; `otherwise` if it has none that we know. */
export function errorCodeOf(error: unknown, otherwise: ErrorCode): ErrorCode {
  const code = codeOf(error);
  if (code === undefined) return otherwise;
  return systemProblem(error)?.code ?? PACKED.get(code) ?? (isErrorCode(code) ? code : otherwise);
}

/**
 * Another library's error as ours; an ArcletError is returned unchanged.
 *
 * @param otherwise the code if the error has none that we know
 * @param phrase puts the library's message into a sentence, e.g. `(reason) => `does not unpack (${reason})``
 */
export function foreignError(
  where: string | Location,
  error: unknown,
  otherwise: ErrorCode,
  phrase: (reason: string) => string = (reason) => reason,
): ArcletError {
  if (error instanceof ArcletError) return error;
  const location = typeof where === "string" ? { where } : where;
  const system = systemProblem(error);
  const data: ErrorData = {
    ...location,
    code: errorCodeOf(error, otherwise),
    problem: system?.problem ?? phrase(reasonOf(error)),
  };
  return new ArcletError(data, { cause: error });
}
