/** Requests to the server. */
import type {
  ChangedAnswer,
  CloseRequest,
  CommentRequest,
  ErrorAnswer,
  EstimatesAnswer,
  FactsAnswer,
  GradeRequest,
  LearningAnswer,
  ObjectFacts,
  OrderQuery,
  PeopleAnswer,
  SessionAnswer,
  TagsRequest,
} from "../../../src/inspect/contract.ts";
import type { ExportFormat } from "../../../src/inspect/grades.ts";
import type { AlikeAnswer, BesideAnswer, Orientation } from "../../../src/inspect/look-contract.ts";
import { type Heat, ORIENTATION_HEADER } from "../../../src/inspect/look-keys.ts";

/** A refusal, or a server that can't be reached: a sentence for the grader. */
export class Refused extends Error {}

export class Api {
  readonly grader: string;

  constructor(grader: string) {
    this.grader = grader;
  }

  order({ by, show, finder, seed, tag }: OrderQuery): Promise<Int32Array> {
    const query = new URLSearchParams({ by, show, finder: String(finder), seed: String(seed) });
    if (tag !== undefined) query.set("tag", tag);
    return bytes(`/api/order?${query}`).then((buffer) => new Int32Array(buffer));
  }

  facts(rows: readonly number[]): Promise<ObjectFacts[]> {
    return json<FactsAnswer>(`/api/facts?rows=${rows.join()}`).then(({ objects }) => objects);
  }

  grade(said: Omit<GradeRequest, "request">): Promise<ChangedAnswer> {
    return this.post("/api/grade", said);
  }

  comment(said: Omit<CommentRequest, "request">): Promise<ChangedAnswer> {
    return this.post("/api/comment", said);
  }

  tags(said: Omit<TagsRequest, "request">): Promise<ChangedAnswer> {
    return this.post("/api/tags", said);
  }

  undo(): Promise<ChangedAnswer> {
    return this.post("/api/undo", {});
  }

  learning(): Promise<LearningAnswer> {
    return json<LearningAnswer>("/api/learning");
  }

  people(): Promise<PeopleAnswer> {
    return json<PeopleAnswer>("/api/people");
  }

  estimates(): Promise<EstimatesAnswer> {
    return json<EstimatesAnswer>("/api/estimates");
  }

  close(said: Omit<CloseRequest, "request">): Promise<PeopleAnswer> {
    return this.post("/api/close", said);
  }

  retrain(): Promise<LearningAnswer> {
    return this.post("/api/retrain", {});
  }

  stopRetraining(): Promise<LearningAnswer> {
    return this.post("/api/retrain/stop", {});
  }

  async exported(format: ExportFormat): Promise<{ name: string; blob: Blob }> {
    const response = await asked(`/api/export?format=${format}`);
    const name = /filename="([^"]+)"/.exec(response.headers.get("content-disposition") ?? "")?.[1];
    return { name: name ?? `grades.${format}`, blob: await response.blob() };
  }

  /** A lost answer is asked for again under the same number, and nothing is done twice. */
  private async post<T>(path: string, said: object): Promise<T> {
    const body = JSON.stringify({ ...said, request: requestNumber() });
    const headers = {
      "Content-Type": "application/json",
      "X-Arclet-Grader": encodeURIComponent(this.grader),
    };
    const send = () => json<T>(path, { method: "POST", headers, body });
    try {
      return await send();
    } catch (error) {
      if (!(error instanceof Unreached)) throw error;
      return send();
    }
  }
}

export const session = (): Promise<SessionAnswer> => json<SessionAnswer>("/api/session");

/** Pixels of images, as the dataset has them. */
export const pixels = (rows: readonly number[]): Promise<ArrayBuffer> =>
  bytes(`/api/pixels?rows=${rows.join()}`);

export const beside = (row: number): Promise<BesideAnswer> => json<BesideAnswer>(`/api/beside?row=${row}`);

export const alike = (row: number): Promise<AlikeAnswer> => json<AlikeAnswer>(`/api/alike?row=${row}`);
export const heat = (row: number, by: Heat): Promise<Float32Array> =>
  bytes(`/api/heat?row=${row}&by=${by}`).then((buffer) => new Float32Array(buffer));

export interface Wider {
  /** (C, side, side), row 0 at the bottom. */
  values: Float32Array;
  orientation: Orientation | null;
}

export async function wider(row: number): Promise<Wider> {
  const response = await asked(`/api/wider?row=${row}`);
  const orientation = JSON.parse(response.headers.get(ORIENTATION_HEADER) ?? "null") as Orientation | null;
  return { values: new Float32Array(await response.arrayBuffer()), orientation };
}

class Unreached extends Refused {}

const bytes = async (path: string): Promise<ArrayBuffer> => (await asked(path)).arrayBuffer();
const json = async <T>(path: string, options?: RequestInit): Promise<T> =>
  (await asked(path, options)).json();

/** @throws Refused when the server refuses, or is not there */
async function asked(path: string, options?: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Unreached("The server can't be reached. Start arclet inspect again and open the new address.");
  }
  if (response.ok) return response;
  const text = await response.text();
  throw new Refused(sentenceIn(text));
}

function sentenceIn(text: string): string {
  try {
    return (JSON.parse(text) as ErrorAnswer).error;
  } catch {
    return text.trim();
  }
}

/** 128 random bits. */
const requestNumber = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );
