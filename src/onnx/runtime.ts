/** Graphs run by ONNX Runtime (`onnxruntime-node`, an optional package). */
import type { InferenceSession } from "onnxruntime-node";
import { reasonOf } from "../foundation/errors/foreign.ts";
import { ArcletError } from "../foundation/errors.ts";
import { coresHere } from "../foundation/threads.ts";

type Runtime = typeof import("onnxruntime-node");

/** A tensor in memory. */
export interface Floats {
  /** Row-major. */
  readonly data: Float32Array;
  /** Its shape. */
  readonly shape: readonly number[];
}

/** Whether ONNX Runtime is installed and loads here. */
export async function hasRuntime(): Promise<boolean> {
  try {
    await loadRuntime("onnx");
    return true;
  } catch {
    return false;
  }
}

/** @throws ArcletError when the package is not there, or doesn't load on this machine */
async function loadRuntime(where: string): Promise<Runtime> {
  try {
    const loaded = await import("onnxruntime-node");
    return "default" in loaded ? (loaded.default as Runtime) : loaded;
  } catch (error) {
    throw new ArcletError(
      {
        where,
        code: "machine",
        problem: `ONNX Runtime does not load (${reasonOf(error)})`,
        fix: "run: npm install onnxruntime-node",
      },
      { cause: error },
    );
  }
}

/** An open graph with one input; `close` frees it. */
export class OnnxSession {
  /** What errors begin with. */
  readonly where: string;
  private readonly runtime: Runtime;
  private readonly session: InferenceSession;

  private constructor(where: string, runtime: Runtime, session: InferenceSession) {
    this.where = where;
    this.runtime = runtime;
    this.session = session;
  }

  /**
   * @param graph a file, or its bytes
   * @param threads of an operator; never 0, with which ONNX Runtime took one thread on a virtual machine of two cores
   * @throws ArcletError when ONNX Runtime isn't there, or refuses the graph
   */
  static async open(where: string, graph: string | Uint8Array, threads = coresHere()): Promise<OnnxSession> {
    const runtime = await loadRuntime(where);
    const options = { intraOpNumThreads: threads, interOpNumThreads: 1, logSeverityLevel: 3 } as const;
    try {
      const session =
        typeof graph === "string"
          ? await runtime.InferenceSession.create(graph, options)
          : await runtime.InferenceSession.create(graph, options);
      return new OnnxSession(where, runtime, session);
    } catch (error) {
      throw new ArcletError(
        { where, code: "broken", problem: `ONNX Runtime refuses it (${reasonOf(error)})` },
        { cause: error },
      );
    }
  }

  /** Names of the graph's outputs. */
  get outputs(): readonly string[] {
    return this.session.outputNames;
  }

  /** @param images (N, C, H, W) @returns the outputs by name */
  async run({ data, shape }: Floats): Promise<Record<string, Floats>> {
    const images = new this.runtime.Tensor("float32", data, shape);
    const made = await this.session.run({ [this.session.inputNames[0]!]: images });
    const outputs = Object.entries(made).map(([name, { data, dims }]): [string, Floats] => [
      name,
      { data: data as Float32Array, shape: dims },
    ]);
    return Object.fromEntries(outputs);
  }

  /** Frees the session's memory; it can't run afterwards. */
  async close(): Promise<void> {
    await this.session.release();
  }
}
