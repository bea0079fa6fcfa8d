/** What computes: the choice, and what came of it. */
import type { Choice, Wish } from "../engine/choosing.ts";

const WISHES: readonly Wish[] = ["automatic", "WebAssembly", "WebGPU"];

interface Props {
  wish: Wish;
  setWish: (wish: Wish) => void;
  /** null before images were scored */
  choice: Choice | null;
}

export function Computing({ wish, setWish, choice }: Props) {
  return (
    <p>
      <label>
        Compute with{" "}
        <select value={wish} onChange={(event) => setWish(event.currentTarget.value as Wish)}>
          {WISHES.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>{" "}
      for the next images.
      {choice !== null && (
        <span class="note">
          {" "}
          These were computed by {choice.engine.name} ({choice.because}).
        </span>
      )}
    </p>
  );
}
