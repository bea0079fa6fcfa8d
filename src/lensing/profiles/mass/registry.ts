/** The mass profiles, by name. */
import { type Epl, epl } from "./epl.ts";
import type { MassModel } from "./model.ts";
import { type Nfw, nfw } from "./nfw.ts";
import { type NfwEllipse, nfwEllipse } from "./nfw-ellipse.ts";
import { type PointMass, point } from "./point.ts";
import { type Shear, shear } from "./shear.ts";
import { type Sheet, sheet } from "./sheet.ts";
import { type Sie, sie } from "./sie.ts";
import { type Sis, sis } from "./sis.ts";
import { type TruncatedSis, truncatedSis } from "./truncated-sis.ts";
import { type Vortex, vortex } from "./vortex.ts";

interface Profiles {
  sis: Sis;
  sie: Sie;
  epl: Epl;
  nfw: Nfw;
  nfwEllipse: NfwEllipse;
  truncatedSis: TruncatedSis;
  point: PointMass;
  vortex: Vortex;
  shear: Shear;
  sheet: Sheet;
}

/** A mass profile's name. */
export type MassProfile = keyof Profiles;

/** A component of mass: its profile's name and parameters. */
export type MassComponent = { [P in MassProfile]: { profile: P } & Profiles[P] }[MassProfile];

/** In the order in which their deflections are added. */
export const massModels: { readonly [P in MassProfile]: MassModel<Profiles[P]> } = {
  sie,
  epl,
  shear,
  sheet,
  nfw,
  nfwEllipse,
  point,
  sis,
  truncatedSis,
  vortex,
};

export type { MassModel } from "./model.ts";

export type { Epl, Nfw, NfwEllipse, PointMass, Shear, Sheet, Sie, Sis, TruncatedSis, Vortex };
export { epl, nfw, nfwEllipse, point, shear, sheet, sie, sis, truncatedSis, vortex };
