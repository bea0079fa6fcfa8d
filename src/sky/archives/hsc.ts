/**
 * HSC-SSP's coadds from the image cutout service of its public data releases, which needs an account from
 * https://hsc-release.mtk.nao.ac.jp; the account is read from the environment, never from a flag or a file. E.g.
 *   https://hsc-release.mtk.nao.ac.jp/das_cutout/pdr3/cgi-bin/cutout?ra=150.3&dec=2.3&sw=0.0015&sh=0.0015&type=coadd&image=on&filter=HSC-I&tract=&rerun=pdr3_wide
 * (https://hsc-release.mtk.nao.ac.jp/das_cutout/pdr3/manual.html; Aihara et al. 2022, PASJ 74, 247). sw and sh are half the
 * width and height, here in degrees, so a cutout may be a pixel or two larger. Beyond the survey the answer is 404.
 */
import { type Archive, degrees, withQuery } from "./archive.ts";

export const hsc: Archive = {
  name: "hsc",
  title: "HSC-SSP PDR3 coadds (other layers: pdr3_dud_rev)",
  documentation: "https://hsc-release.mtk.nao.ac.jp/das_cutout/pdr3/manual.html",
  base: "https://hsc-release.mtk.nao.ac.jp",
  bands: ["g", "r", "i", "z", "y"],
  pixelScale: 0.168,
  resamples: false,
  layer: "pdr3_wide",
  mostSize: 4000,
  more: 2,
  account: { user: "ARCLET_HSC_USER", password: "ARCLET_HSC_PASSWORD" },
  path: ({ ra, dec, size, pixelScale, layer }, band) => {
    const half = degrees(((size + 1) / 2) * (pixelScale / 3600));
    return withQuery(`/das_cutout/${layer.split("_")[0]}/cgi-bin/cutout`, {
      ra: degrees(ra),
      dec: degrees(dec),
      sw: half,
      sh: half,
      type: "coadd",
      image: "on",
      filter: `HSC-${band.toUpperCase()}`,
      tract: "",
      rerun: layer,
    });
  },
};
