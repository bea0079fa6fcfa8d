/** HTML as a template that escapes whatever it is given, so that no text becomes markup by mistake. */

/** Markup that may go into a page as it is: made by `html`, or vouched for by `raw`. */
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

/** What may go into a template: texts and numbers are escaped, lists are joined, null is nothing. */
export type HtmlPart = Html | string | number | null | undefined | readonly HtmlPart[];

/** `` html`<p title="${title}">${text}</p>` ``: in elements and in quoted attributes. */
export const html = (strings: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html =>
  new Html(strings.reduce((markupSoFar, string, k) => markupSoFar + markup(parts[k - 1]) + string));

/** Markup of our own making, e.g. a figure's SVG, that goes in as it is. */
export const raw = (text: string): Html => new Html(text);

/** Parts with a separator between them, e.g. a new line. */
export const joined = (parts: readonly HtmlPart[], separator: string): Html =>
  raw(parts.map(markup).join(escaped(separator)));

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
