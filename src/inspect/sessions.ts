/**
 * Who asks. Each grader has an address with a token of their own; opening it gives the browser a cookie, and the cookie says
 * who asks from then on. No request names its grader to the server in any other way, so nobody grades as somebody else.
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

interface Session {
  readonly grader: string;
  /** In the address. */
  readonly token: string;
  /** In the cookie. */
  readonly cookie: string;
}

export class Sessions {
  readonly #sessions: readonly Session[];

  constructor(graders: readonly string[]) {
    this.#sessions = graders.map((grader) => ({ grader, token: secret(), cookie: secret() }));
  }

  /** Each grader's token. */
  get tokens(): { grader: string; token: string }[] {
    return this.#sessions.map(({ grader, token }) => ({ grader, token }));
  }

  /** The cookie that a token opens; undefined for any other text. */
  cookieFor(token: string): string | undefined {
    return this.find(({ token: own }) => own, token)?.cookie;
  }

  graderOf(cookie: string): string | undefined {
    return this.find(({ cookie: own }) => own, cookie)?.grader;
  }

  /** Takes as long whatever the text: all sessions are compared, by hashes of one length. */
  private find(of: (session: Session) => string, given: string): Session | undefined {
    const wanted = digest(given);
    return this.#sessions.filter((session) => timingSafeEqual(digest(of(session)), wanted))[0];
  }
}

/** 256 bits, as letters that an address may hold. */
const secret = (): string => randomBytes(32).toString("base64url");
const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
