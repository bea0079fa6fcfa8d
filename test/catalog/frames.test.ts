/** Positions in other frames than ICRS: converted by name, by the file's statement, or refused. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { inIcrs, namedTable } from "../../src/catalog/named.ts";
import { objectsOf, positionsOf } from "../../src/catalog/objects.ts";
import { readCatalog } from "../../src/catalog/read.ts";
import { rolesOf } from "../../src/catalog/roles.ts";
import { scratch } from "../tiny/dataset.ts";

const folder = scratch();
const at = (name: string, text?: string) => {
  const path = join(folder, name);
  if (text !== undefined) writeFileSync(path, text);
  return path;
};
const read = async (name: string, text: string) => {
  const catalog = await readCatalog(at(name, text));
  return { catalog, ...positionsOf(catalog, rolesOf(catalog)) };
};

test.for(["glon,glat", "GLON,GLAT", "_Glon,_Glat", "l,b", "gal_lon,gal_lat"])(
  "columns %s are galactic",
  async (names) => {
    const { ra, dec, notes, converted } = await read("g.csv", `id,${names}\na,120.5,-33.25\nb,0,89\n`);
    // astropy 5.2.1
    expect(ra[0]).toBeCloseTo(10.521008296836268, 8);
    expect(dec[0]).toBeCloseTo(29.577574960352067, 8);
    expect(ra[1]).toBeCloseTo(193.7979919516207, 8);
    expect(dec[1]).toBeCloseTo(26.581495136818443, 8);
    expect(converted).toBe(true);
    expect(notes.join()).toMatch(/are galactic, turned to ICRS$/);
  },
);

test("right ascension and declination go before another frame's columns, and l or b alone is none", async () => {
  const { ra, converted } = await read("both.csv", "id,glon,glat,ra,dec\na,120.5,-33.25,10,20\n");
  expect([ra[0], converted]).toEqual([10, false]);
  const catalog = await readCatalog(at("b.csv", "id,b,v\na,20.5,19\n"));
  expect(rolesOf(catalog)).toMatchObject({ ra: undefined, dec: undefined });
});

test("a longitude and a latitude of different frames are refused", async () => {
  const catalog = await readCatalog(at("mixed.csv", "id,glon,glat,ra,dec\na,120.5,-33.25,10,20\n"));
  expect(() => objectsOf(catalog, { ra: "glon" })).toThrow(
    /glon is a longitude of another frame than dec; name/,
  );
  expect(() => objectsOf(catalog, { dec: "glat" })).toThrow(
    /glat is a latitude of another frame than ra; name/,
  );
  expect(objectsOf(catalog, { ra: "glon", dec: "glat" }).ra[0]).toBeCloseTo(10.521008, 6);
});

test.for(["RAB1950,DEB1950", "ALPHA_B1950,DELTA_B1950", "ra1950,dec1950"])(
  "columns %s are FK4, hours and all",
  async (names) => {
    const { ra, dec } = await read("fk4.csv", `id,${names}\na,10:00:00,+02:00:00\n`);
    expect(ra[0]).toBeCloseTo(150.645122559, 8);
    expect(dec[0]).toBeCloseTo(1.758128779, 8);
  },
);

const votable = (head: string, fields: string, cells = "<TD>150</TD><TD>2</TD>") =>
  `<?xml version="1.0"?><VOTABLE version="1.4"><RESOURCE>${head}<TABLE>${fields}
  <DATA><TABLEDATA><TR>${cells}</TR></TABLEDATA></DATA></TABLE></RESOURCE></VOTABLE>`;
const fields = (ref: string, ra = "ra", dec = "dec") =>
  `<FIELD ID="f1" name="${ra}" datatype="double" unit="deg"${ref}/><FIELD ID="f2" name="${dec}" datatype="double" unit="deg"${ref}/>`;

test.for<[string, string, number]>([
  ['<COOSYS ID="c" system="eq_FK4" equinox="B1950"/>', ' ref="c"', 150.645122559],
  ['<COOSYS ID="c" system="FK4"/>', ' ref="c"', 150.645122559],
  ['<COOSYS ID="c" system="eq_FK4" equinox="1950.0" epoch="B1950"/>', "", 150.645122559],
  ['<COOSYS ID="c" system="ICRS"/><COOSYS ID="d" system="eq_FK5" equinox="J1950"/>', ' ref="d"', 150.644967],
  ['<COOSYS ID="c" system="eq_FK5" equinox="J2000"/>', ' ref="c"', 150],
  ['<COOSYS ID="c" system="ICRS"/><COOSYS ID="d" system="eq_FK5" equinox="J2000"/>', "", 150],
])("a VOTable's %s holds for fields%s", async ([head, ref, want]) => {
  const { ra } = await read("c.vot", votable(head, fields(ref)));
  expect(ra[0]).toBeCloseTo(want, 3);
});

test("galactic and ecliptic COOSYS, also through a group", async () => {
  const galactic = await read("g.vot", votable('<COOSYS ID="g" system="galactic"/>', fields(' ref="g"')));
  expect(galactic.dec[0]).toBeCloseTo(53.9, 0);
  const group = '<GROUP ref="c"><FIELDref ref="f1"/><FIELDref ref="f2"/></GROUP>';
  const heads = '<COOSYS ID="c" system="eq_FK4" equinox="B1950"/><COOSYS ID="i" system="ICRS"/>';
  expect((await read("q.vot", votable(heads, fields("") + group))).ra[0]).toBeCloseTo(150.645122559, 8);
});

test("a frame that can't be turned, and one that isn't said among several, are refused", async () => {
  const several = '<COOSYS ID="c" system="eq_FK4" equinox="B1950"/><COOSYS ID="i" system="ICRS"/>';
  await expect(read("s.vot", votable(several, fields("")))).rejects.toThrow(
    /are in one of several COOSYS \(FK4 B1950, ICRS\), without a ref to say which, which can't be turned to ICRS/,
  );
  const own = votable('<COOSYS ID="c" system="geo_app"/>', fields(' ref="c"'));
  await expect(read("a.vot", own)).rejects.toThrow(/the positions ra, dec are in geo_app, which can't/);
});

test("an import keeps the columns of another frame beside ra and dec; an export turns what only its file states", async () => {
  const galactic = await readCatalog(at("i.csv", "id,glon,glat\na,120.5,-33.25\n"));
  const { table } = namedTable(galactic);
  expect(table.names).toEqual(["id", "glon", "glat", "ra", "dec"]);
  expect(table.column("glon")).toEqual([120.5]);
  expect(table.column("ra")[0]).toBeCloseTo(10.521008296836268, 8);
  const path = at("e.vot", votable('<COOSYS ID="c" system="eq_FK4"/>', fields(' ref="c"')));
  const exported = inIcrs(await readCatalog(path));
  expect(exported.table.column("ra")[0]).toBeCloseTo(150.645122559, 8);
  expect(exported.notes.join()).toContain("ra, dec are FK4 B1950, turned to ICRS");
  expect(namedTable(await readCatalog(path)).table.names).toEqual(["ra_given", "dec_given", "ra", "dec"]);
  expect(inIcrs(galactic)).toBe(galactic); // its columns' names say it
});
