/** Which key says what here: the usual ones, unless the search has a file of others. */
import type { KeysInForce } from "../../../src/inspect/key-names.ts";

let inForce: KeysInForce = {};

/** Called once, before anything is shown. */
export function setKeys(keys: KeysInForce): void {
  inForce = keys;
}

/** The usual key behind a key that was pressed; null for one that says nothing any more. */
export function usualKey(pressed: string): string | null {
  const key = pressed.length === 1 ? pressed.toLowerCase() : pressed;
  return Object.hasOwn(inForce, key) ? inForce[key]! : pressed;
}

/** The key to press for what a usual key says; the usual key itself for what has no other. */
export function keyFor(usual: string): string {
  const other = Object.entries(inForce).find(([, behind]) => behind === usual);
  return other === undefined ? usual : other[0];
}
