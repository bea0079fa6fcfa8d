/** Parts of open files, read into tensors. */
import { getSystemErrorName } from "node:util";
import { ArcletError } from "../foundation/errors.ts";
import { fileError } from "../foundation/files.ts";
import { native } from "./native.ts";
import type { Tensor } from "./tensor.ts";

/** A part of a file. */
export interface FilePart {
  /** The file's name, for messages. */
  readonly path: string;
  /** The descriptor of the open file. */
  readonly file: number;
  /** The first byte. */
  readonly from: number;
  readonly bytes: number;
}

/**
 * Fills a part of a tensor's memory with the bytes of a file, as they are.
 *
 * @param tensor contiguous, on the processor
 * @param at the first byte of its memory that is filled
 * @throws ArcletError when the file can't be read or ends before
 */
export function readInto(tensor: Tensor, at: number, { path, file, from, bytes }: FilePart): void {
  const read = native().readInto(tensor, at, file, from, bytes);
  if (read === bytes) return;
  if (read < 0) {
    const code = getSystemErrorName(read);
    throw fileError(path, Object.assign(new Error(code), { code, syscall: "read" }));
  }
  throw new ArcletError({
    where: path,
    code: "truncated",
    problem: `ends at byte ${from + read}: it was cut since it was opened`,
  });
}

/** Has the system begin to read a part of a file, without waiting for it. */
export const readAhead = ({ file, from, bytes }: Omit<FilePart, "path">): void =>
  native().readAhead(file, from, bytes);
