/** Tensors that a test leaves behind. */
import { afterEach, beforeEach, expect } from "vitest";
import { liveTensors } from "../../src/torch/scope.ts";

/** From here on each test of the file must end with as many live tensors as it started with. */
export function noTensorIsLeft(): void {
  let before = 0;
  beforeEach(() => {
    before = liveTensors();
  });
  afterEach(() => {
    expect(liveTensors()).toBe(before);
  });
}
