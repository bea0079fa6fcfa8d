/** Starts the page. */
import { render } from "preact";
import { App } from "./app.tsx";
import { session } from "./state/api.ts";
import { setKeys } from "./state/keys-in-force.ts";

const place = document.getElementById("app")!;
session().then(
  (answer) => {
    setKeys(answer.keys);
    render(<App session={answer} />, place);
  },
  (error: Error) =>
    render(
      <p class="problem" role="alert">
        {error.message}
      </p>,
      place,
    ),
);
