/** Checks what loaded plug-ins do against what they must promise. */
import { loadedPlugins } from "../../foundation/plugins.ts";
import type { Named } from "../../foundation/registry.ts";
import { broughtByPlugins } from "../../plugins/load.ts";
import { encoderPromises } from "../../testing/encoder.ts";
import { methodPromises } from "../../testing/method.ts";
import { preprocessingPromises } from "../../testing/preprocessing.ts";
import { type Outcome, outcomesOf, type Promised } from "../../testing/promise.ts";
import { surveyPromises } from "../../testing/survey.ts";
import { validatorPromises } from "../../testing/validator.ts";
import { setThreads } from "../../torch/machine.ts";

export interface Judged {
  plugin: string;
  path: string;
  /** `method mine` */
  entry: string;
  promises: Outcome[];
}

/** Runs every check on everything that plug-ins brought. @param report called with each entry once it is checked */
export async function judgePlugins(report: (judged: Judged) => void): Promise<Judged[]> {
  // The made-up problems are small: a second thread would only wait.
  setThreads(1);
  const all: Judged[] = [];
  for (const [i, brought] of broughtByPlugins().entries()) {
    const { name: plugin, path } = loadedPlugins()[i]!;
    const judge = async <T extends Named>(
      noun: string,
      entries: readonly T[],
      list: readonly Promised<T>[],
    ) => {
      for (const entry of entries) {
        const title = `${noun} ${entry.name}`;
        const judged = { plugin, path, entry: title, promises: await outcomesOf(title, entry, list) };
        report(judged);
        all.push(judged);
      }
    };
    await judge("method", brought.methods, methodPromises);
    await judge("encoder", brought.encoders, encoderPromises);
    await judge("validator", brought.validators, validatorPromises);
    await judge("survey", brought.surveys, surveyPromises);
    await judge("preprocessing", brought.preprocessings, preprocessingPromises);
  }
  return all;
}

/** An entry and its promises, one a line; a broken promise says what was expected and what came. */
export function judgedText({ plugin, path, entry, promises }: Judged): string {
  const width = Math.max(...promises.map(({ name }) => name.length));
  const lines = promises.map(({ name, promise, broken }) =>
    broken === null ? `  kept    ${name.padEnd(width)}  ${promise}` : `  broken  ${broken.message}`,
  );
  const kept = promises.filter(({ broken }) => broken === null).length;
  const head = `${entry}, of plug-in ${plugin} (${path}): ${kept} of ${promises.length} promises kept`;
  return `${[head, ...lines].join("\n")}\n`;
}

/** For programs. */
export const judgedJson = (all: readonly Judged[]) =>
  all.map(({ promises, ...about }) => ({
    ...about,
    promises: promises.map(({ broken, ...promise }) => ({ ...promise, broken: broken?.message ?? null })),
  }));
