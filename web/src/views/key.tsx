/** The key beside a button's name. It is drawn by the style, so that it is no part of the name that is read aloud. */
import { keyFor } from "../state/keys-in-force.ts";

/** @param name the usual key */
export const Key = ({ name }: { name: string }) => <kbd class="hint" data-key={keyFor(name)} />;
