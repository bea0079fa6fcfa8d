/** Passwords and tokens in addresses: they never reach a log, an error, a manifest or the terminal. */

const ACCOUNT = /\b([a-z][a-z0-9+.-]{0,19}:\/\/)[^\s/?#@"'<>]*(?:@[^\s/?#@"'<>]*)*@/gi;
const QUERY =
  /([?&;](?:[\w.-]{0,40}(?:token|secret|password|passwd|pwd|signature|credential|api[_-]?key|apikey)[\w.-]{0,40}|key|sig|auth)=)[^\s&;#"'<>]+/gi;

/** A text without them: `https://***@host/path?token=***`. */
export const withoutSecrets = (text: string): string =>
  text.includes("://") || text.includes("=") ? text.replace(ACCOUNT, "$1***@").replace(QUERY, "$1***") : text;

/** An address without its account, and the account as HTTP's basic authentication has it; null if there is none. */
export function accountIn(address: string): { address: string; authorization: string | null } {
  const url = new URL(address);
  if (url.username === "" && url.password === "") return { address, authorization: null };
  const [user, password] = [url.username, url.password].map(decodeURIComponent);
  url.username = "";
  url.password = "";
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
  return { address: url.href, authorization };
}
