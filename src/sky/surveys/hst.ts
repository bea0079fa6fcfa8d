/**
 * HST ACS/WFC F814W as in COSMOS: 2028 s in four exposures, 0.05" pixels (Koekemoer et al. 2007, ApJS 172, 196), PSF
 * 0.12" (Leauthaud et al. 2007, ApJS 172, 219); 5 electrons of read noise per exposure, one electron per second at 25.94
 * mag. Sky: V = 22.1 mag/arcsec² (ACS Instrument Handbook, average), which is 21.8 in F814W (AB), since its light is the
 * Sun's (V − F814W = 0.28: Willmer 2018, ApJS 236, 47). Wings: of a Moffat profile that holds 80 % of the light in 0.25"
 * across, as the handbook's table 5.4 has it (at 633 nm). Dark current (a fortieth of the sky's) is left out. Fluxes are in
 * electrons per second. Display: one band is stretched by ours, as all surveys' (see `stretch.ts`).
 */
import { type Survey, skySigmaOfExposure } from "../survey.ts";

const scale = { pixelScale: 0.05, zeroPoint: 25.94 };
const exposed = { skyBrightness: 21.82, exposure: 2028, readNoise: 2 * 5, perSecond: 25.94 };

export const hst: Survey = {
  name: "hst",
  title: "HST ACS F814W (COSMOS)",
  source: "Koekemoer et al. 2007; Leauthaud et al. 2007",
  ...scale,
  moffatBeta: 3.3,
  noiseScatter: 0.1,
  bands: [
    {
      name: "F814W",
      seeing: 0.12,
      seeingScatter: 0.03,
      skySigma: skySigmaOfExposure(exposed, scale),
      skyBrightness: exposed.skyBrightness,
      readNoise: exposed.readNoise,
    },
  ],
  display: { bands: ["F814W"], scales: [1], Q: 4, alpha: 10 },
};
