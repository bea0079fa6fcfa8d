/** Builds a catalogue from the elements of a VOTable, one after the other. */
import { SaxesParser, type SaxesTagPlain } from "saxes";
import { foreignError } from "../foundation/errors/foreign.ts";
import { ArcletError, type ErrorCode, refuse, show } from "../foundation/errors.ts";
import { type FrameWords, frameOf } from "../sky/celestial-frame.ts";
import { type Catalog, distinct, wholeValues } from "./catalog.ts";
import { frameOfCoosys } from "./frames.ts";
import { Table, type Value } from "./table.ts";
import { binaryRows } from "./votable-binary.ts";
import { type Cell, cellOfText, type Field, fieldOf, typeOfField } from "./votable-fields.ts";

const MOST_FIELDS = 10_000;

export class VotableReading {
  readonly #path: string;
  /** Without positions, which it would repeat in its messages: our errors name the line. */
  readonly #parser = new SaxesParser({ position: false, xmlns: false });
  #fields: Field[] = [];
  #columns: Cell[][] = [];
  #rows = 0;
  readonly #notes: string[] = [];
  /** Whether we are before, in or after the first table with data. */
  #state: "before" | "in" | "after" = "before";
  #tables = 0;
  #further = 0;
  /** The kind of element whose text is being gathered. */
  #gathering: "cell" | "stream" | "info" | null = null;
  #text: string[] = [];
  #cells: Cell[] | null = null;
  #field: Field | null = null;
  /** COOSYS by ID, and what refers to them: fields by themselves, or through a group. */
  readonly #systems = new Map<string, FrameWords>();
  readonly #refs = new Map<Field, string>();
  readonly #fieldById = new Map<string, Field>();
  #group: string | undefined;
  readonly #grouped: [field: string, system: string][] = [];
  #binary: "BINARY" | "BINARY2" | null = null;
  #ended = false;

  constructor(path: string) {
    this.#path = path;
    const gather = (text: string) => {
      if (this.#gathering !== null) this.#text.push(text);
    };
    this.#parser.on("error", (error) => {
      const code = this.#ended ? "truncated" : "broken";
      throw foreignError({ where: path, line: this.#parser.line }, error, code);
    });
    this.#parser.on("opentag", (tag) => this.#open(tag));
    this.#parser.on("closetag", (tag) => this.#close(tag));
    this.#parser.on("text", gather);
    this.#parser.on("cdata", gather);
  }

  write(text: string): void {
    this.#parser.write(text);
  }

  end(): Catalog {
    this.#ended = true;
    this.#parser.close();
    if (this.#tables === 0) this.#refuse("holds no TABLE", "empty");
    if (this.#further > 0)
      this.#notes.push(`${this.#path}: holds ${this.#further + 1} tables, of which the first is read`);
    return this.#catalog();
  }

  #open({ name, attributes }: SaxesTagPlain): void {
    const local = name.slice(name.indexOf(":") + 1);
    if (local === "INFO") this.#info(attributes as Record<string, string>);
    this.#system(local, attributes as Record<string, string>);
    if (this.#state === "after") {
      if (local === "DATA") this.#further++;
    } else if (this.#state === "in") this.#openData(local, attributes as Record<string, string>);
    else if (local === "TABLE") {
      this.#tables++;
      this.#fields = [];
    } else if (local === "FIELD") this.#addField(attributes as Record<string, string>);
    else if (local === "VALUES" && this.#field !== null) this.#field.nullText ??= attributes.null ?? null;
    else if (local === "DATA") {
      this.#state = "in";
      this.#columns = this.#fields.map(() => []);
    }
  }

  /** Which coordinate system holds for which field. */
  #system(local: string, { ID = "", ref, ...others }: Record<string, string>): void {
    if (local === "COOSYS") this.#systems.set(ID || `no ID ${this.#systems.size}`, frameOfCoosys(others));
    else if (local === "GROUP") this.#group = ref;
    else if (local === "FIELDref" && ref !== undefined && this.#group !== undefined)
      this.#grouped.push([ref, this.#group]);
  }

  /** The frames of columns; under "" that of columns that refer to none. */
  #frames(names: readonly string[]): Map<string, FrameWords> {
    const frames = new Map<string, FrameWords>();
    for (const [id, group] of this.#grouped) {
      const field = this.#fieldById.get(id);
      if (field !== undefined && !this.#refs.has(field)) this.#refs.set(field, group);
    }
    for (const [c, field] of this.#fields.entries()) {
      const system = this.#systems.get(this.#refs.get(field) ?? "");
      if (system !== undefined) frames.set(names[c]!, system);
    }
    const all = [...this.#systems.values()];
    const kinds = new Set(all.map((system) => frameOf(system)?.name ?? system.frame));
    if (kinds.size === 1) frames.set("", all[0]!);
    else if (all.some((system) => frameOf(system)?.isIcrs !== true)) {
      const frame = `one of several COOSYS (${[...kinds].join(", ")}), without a ref to say which`;
      frames.set("", { longitude: "RA", frame, equinox: Number.NaN, mjd: Number.NaN });
    }
    return frames;
  }

  #openData(local: string, attributes: Record<string, string>): void {
    if (local === "TR") this.#cells = [];
    else if (local === "TD") {
      if (this.#cells === null) this.#refuse("has a TD outside a TR");
      if (attributes.encoding !== undefined)
        this.#refuse(`has cells in ${attributes.encoding}, which is not read`, "unsupported");
      this.#gather("cell");
    } else if (local === "BINARY" || local === "BINARY2") this.#binary = local;
    else if (local === "FITS") this.#refuse("has its rows in a FITS file; read that instead", "unsupported");
    else if (local === "STREAM") {
      if (attributes.href !== undefined)
        this.#refuse(`has its rows elsewhere (${show(attributes.href)})`, "unsupported");
      if (attributes.encoding !== "base64")
        this.#refuse(`has a stream that is not in base64, got ${show(attributes.encoding)}`, "unsupported");
      this.#gather("stream");
    }
  }

  #close({ name }: SaxesTagPlain): void {
    const local = name.slice(name.indexOf(":") + 1);
    if (local === "INFO" && this.#gathering === "info")
      this.#refuse(`the service answered with an error: ${this.#gathered()}`, "service");
    else if (local === "TD" && this.#gathering === "cell") this.#endCell();
    else if (local === "TR" && this.#cells !== null) this.#endRow();
    else if (local === "STREAM" && this.#gathering === "stream") this.#endStream();
    else if (local === "FIELD") this.#field = null;
    else if (local === "TABLE" && this.#state === "in") this.#state = "after";
  }

  /** A service reports an error or a truncated table in an INFO element (DALI 1.1, section 4.4). */
  #info({ name, value }: Record<string, string>): void {
    if (name !== "QUERY_STATUS") return;
    if (value === "ERROR") this.#gather("info");
    if (value === "OVERFLOW") this.#notes.push(`${this.#path}: the service cut the table off (OVERFLOW)`);
  }

  #addField(attributes: Record<string, string>): void {
    const field = fieldOf(attributes);
    if (typeof field === "string") this.#refuse(field);
    if (this.#fields.length === MOST_FIELDS)
      this.#refuse(`has more than ${MOST_FIELDS} columns`, "too-large");
    this.#fields.push(field as Field);
    this.#field = field as Field;
    if (attributes.ref !== undefined) this.#refs.set(this.#field, attributes.ref);
    if (attributes.ID !== undefined) this.#fieldById.set(attributes.ID, this.#field);
  }

  #endCell(): void {
    const cells = this.#cells!;
    const field = this.#fields[cells.length];
    const text = this.#gathered();
    const row = this.#rows + 1;
    if (field === undefined) this.#refuse("has more cells than the table has columns", "broken", row);
    const cell = typeOfField(field) === undefined ? null : cellOfText(field, text);
    if (cell === undefined)
      refuse({ where: this.#path, row }, field.name, `of datatype ${field.datatype}`, text, "broken");
    cells.push(cell as Cell);
  }

  #endRow(): void {
    const cells = this.#cells!;
    if (cells.length < this.#fields.length)
      this.#refuse(
        `has ${cells.length} cells, but the table has ${this.#fields.length} columns`,
        "broken",
        this.#rows + 1,
      );
    this.#take(cells);
    this.#cells = null;
  }

  #endStream(): void {
    const text = this.#gathered().replace(/\s+/g, "");
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) this.#refuse("has a stream that is not base64");
    const flagged = this.#binary === "BINARY2";
    const flaw = binaryRows(Buffer.from(text, "base64"), this.#fields, flagged, (cells) => this.#take(cells));
    if (flaw !== undefined) throw new ArcletError({ where: this.#path, ...flaw });
  }

  #take(cells: readonly Cell[]): void {
    this.#rows++;
    for (const [c, cell] of cells.entries()) this.#columns[c]!.push(cell);
  }

  #gather(what: "cell" | "stream" | "info"): void {
    this.#gathering = what;
    this.#text = [];
  }
  #gathered(): string {
    this.#gathering = null;
    return this.#text.join("");
  }

  #refuse(problem: string, code: ErrorCode = "broken", row?: number): never {
    throw new ArcletError({ where: this.#path, row, code, problem });
  }

  #catalog(): Catalog {
    const names = distinct(this.#fields.map(({ name }) => name));
    const kept = this.#fields.flatMap((field, c) => {
      const type = typeOfField(field);
      return type === undefined ? [] : [{ name: names[c]!, type, field, cells: this.#columns[c] ?? [] }];
    });
    const unread = names.filter((_, c) => typeOfField(this.#fields[c]!) === undefined);
    if (unread.length > 0)
      this.#notes.push(
        `${this.#path}: columns of arrays or complex numbers are left out: ${unread.join(", ")}`,
      );
    if (kept.length === 0) this.#refuse("has no column that a table can hold", "empty");
    const values = kept.map(({ name, type, cells }): [string, readonly Value[]] => [
      name,
      type === "whole" ? wholeValues(cells as (bigint | null)[]) : cells,
    ]);
    const stated = (what: "unit" | "ucd") =>
      new Map(kept.flatMap(({ name, field }) => (field[what] === "" ? [] : [[name, field[what]] as const])));
    const types = new Map(kept.map(({ name, type }) => [name, type] as const));
    const singles = kept.flatMap(({ name, field }) => (field.datatype === "float" ? [name] : []));
    const table = new Table(this.#path, this.#rows, new Map(values), types, new Set(singles));
    const frames = this.#frames(names);
    return {
      table,
      format: "votable",
      units: stated("unit"),
      ucds: stated("ucd"),
      frames,
      notes: this.#notes,
    };
  }
}
