/** The whole FITS files that are broken: images of every compression, tables, headers of every kind of coordinates. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const SIDE = 21; // odd, so that trees have edges

/** @param place a folder with a build @returns bytes by name */
export async function wholeFiles(place) {
  const { fitsBytes } = await import(pathToFileURL(join(place, "dist/sky/fits.js")).href);
  return new Map([...images(fitsBytes), ...tables(), ...coordinates(fitsBytes)]);
}

function images(fitsBytes) {
  const shape = [SIDE, SIDE];
  const floats = Float32Array.from({ length: SIDE * SIDE }, (_, i) => Math.sin(i) * 100 + (i % 7));
  const pixels = {
    floats,
    doubles: Float64Array.from(floats),
    ints: Int32Array.from(floats, (value) => value * 1000),
    shorts: Int16Array.from(floats),
    bytes: Uint8Array.from(floats, (value) => (value > 0 ? 1 : 0)),
  };
  const files = [];
  for (const [kind, data] of Object.entries(pixels)) {
    files.push([kind, fitsBytes([{ data, shape }])]);
    for (const compression of ["rice", "gzip", "gzip2", "hcompress", "plio"]) {
      if (compression === "plio" && kind !== "bytes") continue;
      for (const quantize of kind === "floats" || kind === "doubles" ? [undefined, 4] : [undefined]) {
        // Floats that are not rounded can only be gzipped.
        if (data.BYTES_PER_ELEMENT >= 4 && /floats|doubles/.test(kind) && !quantize && !/gzip/.test(compression)) continue;
        const image = { data, shape, compression, quantize };
        files.push([`${kind}-${compression}-${quantize ?? 0}`, fitsBytes([image, image])]);
      }
    }
  }
  return files;
}

const padded = (bytes, fill) => {
  const whole = Buffer.alloc(Math.ceil(bytes.length / 2880) * 2880, fill);
  bytes.copy(whole);
  return whole;
};
const headerOf = (cards) => padded(Buffer.from([...cards, "END"].map((card) => card.padEnd(80)).join(""), "latin1"), 32);
const card = (key, value) => `${key.padEnd(8)}= ${typeof value === "number" ? String(value).padStart(20) : value}`;
const PRIMARY = headerOf(["SIMPLE  =                    T", card("BITPIX", 8), card("NAXIS", 0), "EXTEND  =                    T"]);

function table(type, width, rows, columns, data, heap = Buffer.alloc(0), more = []) {
  const cards = [
    `XTENSION= '${type}'`,
    ...[["BITPIX", 8], ["NAXIS", 2], ["NAXIS1", width], ["NAXIS2", rows], ["PCOUNT", heap.length], ["GCOUNT", 1]].map(
      ([key, value]) => card(key, value),
    ),
    card("TFIELDS", columns.length),
    ...columns.flatMap((column, k) => Object.entries(column).map(([key, value]) => card(`${key}${k + 1}`, value))),
    ...more,
  ];
  return Buffer.concat([PRIMARY, headerOf(cards), padded(Buffer.concat([data, heap]), type === "TABLE" ? 32 : 0)]);
}

const SIZES = { L: 1, B: 1, I: 2, J: 4, K: 8, E: 4, D: 8, A: 1, C: 8, M: 16, X: 1, P: 8, Q: 16 };

function tables() {
  const rows = 7;
  const binary = (forms, more = {}) => {
    const columns = forms.map((form, k) => ({ TTYPE: `'c${k}'`, TFORM: `'${form}'`, ...more[k] }));
    const width = forms.reduce((sum, form) => sum + (Number.parseInt(form, 10) || 1) * SIZES[form.replace(/^\d+/, "")[0]], 0);
    const data = Buffer.from({ length: width * rows }, 0);
    for (let i = 0; i < data.length; i++) data[i] = (i * 37) % 251;
    return table("BINTABLE", width, rows, columns, data, Buffer.alloc(64, 3));
  };
  const line = " 12345 name one   1.50E+01-3.25D+00";
  const ascii = table(
    "TABLE",
    line.length,
    rows,
    [
      { TTYPE: "'n'", TFORM: "'I6'", TBCOL: 1 },
      { TTYPE: "'name'", TFORM: "'A10'", TBCOL: 8 },
      { TTYPE: "'x'", TFORM: "'E9.2'", TBCOL: 18, TNULL: "'-'" },
      { TTYPE: "'y'", TFORM: "'D9.2'", TBCOL: 27, TSCAL: 2, TZERO: 1 },
    ],
    Buffer.from(line.repeat(rows)),
  );
  const packed = table(
    "BINTABLE",
    16,
    1,
    [
      { TTYPE: "'a'", TFORM: "'1QB(20)'", ZFORM1: "'1J'", ZCTYP1: "'GZIP_2'" },
    ],
    Buffer.from([0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0]),
    Buffer.alloc(20, 1),
    ["ZTABLE  =                    T", card("ZNAXIS1", 4), card("ZNAXIS2", 9), card("ZPCOUNT", 0), card("ZTILELEN", 9)],
  );
  return [
    ["binary", binary(["L", "B", "I", "J", "K", "E", "D", "12A", "3A"])],
    ["scaled", binary(["B", "I", "J", "K", "K"], { 0: { TZERO: -128, TSCAL: 1 }, 1: { TZERO: 32768, TSCAL: 1 }, 2: { TNULL: 5 }, 3: { TZERO: "9223372036854775808", TSCAL: 1 }, 4: { TSCAL: 0.5, TZERO: 2, TNULL: -1 } })],
    ["arrays", binary(["3E", "2C", "M", "5X", "1PE(4)", "1QB(8)", "20A5", "0A"])],
    ["ascii", ascii],
    ["packed", packed],
  ];
}

/** Projections of Calabretta & Greisen (2002), with parameters where they have any; distortions; other axes. */
function coordinates(fitsBytes) {
  const data = Float32Array.from({ length: 64 }, (_, i) => i);
  const files = [];
  const add = (name, header, shape = [8, 8]) =>
    files.push([`wcs-${name}`, fitsBytes([{ data: data.subarray(0, shape.reduce((a, b) => a * b)), shape, header }])]);
  const plane = (code, more = {}, end = "") => ({
    CTYPE1: `RA---${code}${end}`,
    CTYPE2: `DEC--${code}${end}`,
    CRVAL1: 10.5,
    CRVAL2: -3.2,
    CRPIX1: 5,
    CRPIX2: 6,
    CD1_1: -5e-5,
    CD1_2: 1e-6,
    CD2_1: 1e-6,
    CD2_2: 5e-5,
    ...more,
  });
  const PROJECTIONS = "AZP SZP TAN STG SIN ARC ZPN ZEA AIR CYP CEA CAR MER COP COE COD COO SFL PAR MOL AIT BON PCO TSC CSC QSC HPX XPH";
  for (const code of PROJECTIONS.split(" ")) {
    const angles = /AZP|SZP|CYP|CEA|CO|BON|HPX|AIR/.test(code) ? { PV2_1: 45, PV2_2: 25 } : {};
    add(code, plane(code, code === "ZPN" ? { PV2_1: 1, PV2_3: 0.1, PV2_5: 0.02 } : angles));
  }
  add("sip", plane("TAN", { A_ORDER: 2, A_0_2: 1e-6, A_2_0: 2e-6, B_ORDER: 2, B_1_1: 1e-6, AP_ORDER: 1, AP_1_0: 1e-6, BP_ORDER: 1, BP_0_1: 1e-6 }, "-SIP"));
  add("tpv", plane("TPV", { PV1_0: 0, PV1_1: 1, PV1_4: 1e-4, PV2_1: 1, PV2_39: 1e-9 }));
  add("scamp", plane("TAN", { PV1_1: 1, PV1_7: 1e-4, PV2_1: 1, PV2_10: 1e-9 }));
  const polynomial = "3. 4. 4. 2. -0.2 0.2 -0.2 0.2 1e-4 2e-4 3e-4 4e-4 5e-4 6e-4 7e-4 8e-4 9e-4 1e-3 ";
  const lines = (axis, start) =>
    Object.fromEntries(`${start} = "${polynomial}"`.match(/.{1,68}/g).map((line, k) => [`WAT${axis}_00${k + 1}`, line]));
  const wat = (type) => ({ ...lines(1, `wtype=${type} axtype=ra lngcor`), ...lines(2, `wtype=${type} axtype=dec latcor`) });
  add("tnx", plane("TNX", { WAT0_001: "system=image", ...wat("tnx") }));
  add("zpx", plane("ZPX", wat("zpx projp1=1. projp3=40.")));
  add("dss", plane("TAN", { PLTRAH: 10, PLTRAM: 20, PLTRAS: 30, PLTDECSN: "-", PLTDECD: 5, PLTDECM: 6, PLTDECS: 7, XPIXELSZ: 15, YPIXELSZ: 15, PPO3: 100, PPO6: 100, CNPIX1: 1, CNPIX2: 1, AMDX1: 67, AMDX2: 0.1, AMDY1: 67, AMDY13: 1e-9 }));
  add("cube", { ...plane("TAN"), CTYPE3: "FREQ", CRVAL3: 1.4e9, CDELT3: 1e6, CRPIX3: 1, CUNIT3: "Hz", RESTFRQ: 1.42e9, SPECSYS: "LSRK" }, [2, 4, 8]);
  add("tab", { ...plane("TAN"), CTYPE1: "WAVE-TAB", PS1_0: "TABLE", PS1_1: "COORDS", PV1_1: 1, PV1_2: 1, PV1_3: 1 });
  add("lookup", plane("TAN", { CPDIS1: "Lookup", DP1: "EXTVER: 1", CPDIS2: "TPD", DP2: "NAXES: 2", CQDIS1: "SIP", D2IMDIS1: "Lookup" }));
  add("old", { CTYPE1: "GLON-TAN", CTYPE2: "GLAT-TAN", CRVAL1: 120, CRVAL2: 45, CDELT1: -0.001, CDELT2: 0.001, CROTA2: 30, CRPIX1: 1, CRPIX2: 1, EPOCH: 1950, "DATE-OBS": "31/12/98", LONPOLE: 180, LATPOLE: 0 });
  add("alternate", { ...plane("TAN"), CTYPE1A: "ELON-SIN", CTYPE2A: "ELAT-SIN", CRVAL1A: 1, CRVAL2A: 2, PC1_1A: 1, PC1_2A: 0.1, CDELT1A: 1, CDELT2A: 1, WCSNAMEA: "other", MJDREF: 50000, RADESYS: "FK5", EQUINOX: 1950 });
  return files;
}
