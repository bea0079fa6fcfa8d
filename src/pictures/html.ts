/** HTML as a template that escapes whatever it is given, so that a text can't become markup by being forgotten. */

/** Markup that may stand in a page as it is: made by `html`, or vouched for by `raw`. */
export class Html {
  readonly text: string;

  /** @internal */
  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

/** What may stand in a template: texts and numbers are escaped, lists are their parts in a row, null is nothing. */
export type HtmlPart = Html | string | number | null | undefined | readonly HtmlPart[];

/** `` html`<p title="${title}">${text}</p>` ``: in elements and in quoted attributes. */
export const html = (strings: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html =>
  new Html(strings.reduce((made, string, k) => made + markup(parts[k - 1]) + string));

/** Markup of our own making, e.g. a figure's SVG, that goes in as it is. */
export const raw = (text: string): Html => new Html(text);

/** Parts with something between them, a new line for one. */
export const joined = (parts: readonly HtmlPart[], between: string): Html =>
  raw(parts.map(markup).join(escaped(between)));

function markup(part: HtmlPart): string {
  if (part === null || part === undefined) return "";
  if (part instanceof Html) return part.text;
  return typeof part === "object" ? part.map(markup).join("") : escaped(String(part));
}

const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => ENTITIES[sign]!);
