/** Reading and writing the cards of a FITS header (FITS standard 4.0, section 4). */
import { refuse } from "../foundation/errors.ts";

/** null: the card has no value (COMMENT, HISTORY, or an undefined keyword). */
export type CardValue = string | number | boolean | null;

/** A card of a FITS header. */
export interface Card {
  /** Its keyword. */
  key: string;
  /** Its value. */
  value: CardValue;
  /** What follows the slash. */
  comment: string;
}

const CARD = 80;

/** The cards of a header, in order, and its values by keyword (the first card of a keyword counts). */
export class Header {
  /** Cards of 80 characters, end to end, as WCSLIB reads them. */
  readonly text: string;
  #cards: Card[] | null = null;
  #values: Map<string, CardValue> | null = null;

  constructor(text: string) {
    this.text = text;
  }

  /** Its cards, in their order. */
  get cards(): readonly Card[] {
    this.#cards ??= parse(this.text);
    return this.#cards;
  }
  /** The value of a keyword, of any type; undefined if the header has none. */
  get(key: string): CardValue | undefined {
    this.#values ??= new Map(this.cards.toReversed().map((card) => [card.key, card.value]));
    return this.#values.get(key.toUpperCase());
  }
  /** A finite number; undefined if there is none or the value has another type. */
  number(key: string): number | undefined {
    const value = this.get(key);
    return typeof value === "number" && Number.isFinite(value) ? value : undefined;
  }
  /** A text; undefined if there is none or the value has another type. */
  string(key: string): string | undefined {
    const value = this.get(key);
    return typeof value === "string" ? value : undefined;
  }
}

function parse(text: string): Card[] {
  const cards: Card[] = [];
  for (let at = 0; at + CARD <= text.length; at += CARD) {
    const card = text.slice(at, at + CARD);
    const key = card.slice(0, 8).trimEnd();
    if (key === "END") break;
    const last = cards[cards.length - 1];
    if (key === "CONTINUE" && typeof last?.value === "string" && last.value.endsWith("&")) {
      const continuation = fieldValue(card.slice(8));
      last.value =
        last.value.slice(0, -1) + (typeof continuation.value === "string" ? continuation.value : "");
      last.comment = [last.comment, continuation.comment].filter(Boolean).join(" ");
    } else if (card.startsWith("HIERARCH ") && card.includes("=")) {
      const equals = card.indexOf("=");
      cards.push({ key: card.slice(9, equals).trim().toUpperCase(), ...fieldValue(card.slice(equals + 1)) });
    } else if (card.slice(8, 10) === "= ") cards.push({ key, ...fieldValue(card.slice(10)) });
    else if (card.trim() !== "") cards.push({ key, value: null, comment: card.slice(8).trim() });
  }
  return cards;
}

/** `'a text' / comment`, `T`, `1.5D3`; anything else is taken as text. */
function fieldValue(field: string): { value: CardValue; comment: string } {
  const quoted = /^\s*'((?:[^']|'')*)'?(.*)$/.exec(field);
  if (quoted) {
    const value = quoted[1]!.replaceAll("''", "'").trimEnd();
    return { value, comment: commentOf(quoted[2]!) };
  }
  const slash = field.indexOf("/");
  const plain = (slash < 0 ? field : field.slice(0, slash)).trim();
  return { value: plainValue(plain), comment: slash < 0 ? "" : field.slice(slash + 1).trim() };
}

const commentOf = (rest: string) => rest.replace(/^\s*\/?/, "").trim();

function plainValue(text: string): CardValue {
  if (text === "") return null;
  if (text === "T" || text === "F") return text === "T";
  return /^[+-]?(\d+\.?\d*|\.\d+)([EDed][+-]?\d+)?$/.test(text) ? Number(text.replace(/[Dd]/, "e")) : text;
}

/**
 * A card of 80 characters.
 *
 * @throws ArcletError when the keyword is not valid, or a text does not fit on its card
 */
export function cardOf(key: string, value: CardValue, comment = ""): string {
  if (!/^[A-Z0-9_-]{1,8}$/.test(key)) refuse("fits", "keyword", "1 to 8 of A-Z, 0-9, - and _", key);
  if (value === null) return `${key.padEnd(8)}${comment}`.padEnd(CARD).slice(0, CARD);
  const card = `${key.padEnd(8)}= ${written(key, value)}`;
  if (card.length > CARD) refuse("fits", key, "a text of at most 68 characters", value);
  return (comment === "" ? card : `${card} / ${comment}`).padEnd(CARD).slice(0, CARD);
}

function written(key: string, value: string | number | boolean): string {
  if (typeof value === "boolean") return (value ? "T" : "F").padStart(20);
  if (typeof value === "string") return `'${value.replaceAll("'", "''").padEnd(8)}'`;
  if (!Number.isFinite(value)) refuse("fits", key, "a finite number", value);
  return String(value).toUpperCase().padStart(20);
}
