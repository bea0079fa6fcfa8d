/** What must be closed: at the end, or at once if a later part can't be opened. */
export class Closing {
  private readonly closers: (() => void)[] = [];

  /** Adds a part to close with the others. @returns the part */
  add<T>(part: T, close: (part: T) => void): T {
    this.closers.push(() => close(part));
    return part;
  }

  /** Closes all, the last added first. A second call has nothing left to close. */
  close(): void {
    for (const close of this.closers.splice(0).reverse()) close();
  }
}
