/** lenstronomy's pipeline in Python: of cases and seconds on its input, it prints images a second at 1 and 3 rays a side. */
export const LENSTRONOMY = `
import sys, json, time
from lenstronomy.SimulationAPI.sim_api import SimAPI
cases, seconds = json.loads(sys.stdin.read())
bands = dict(pixel_scale=0.168, exposure_time=1200, magnitude_zero_point=27.0, read_noise=4.5, ccd_gain=3.0,
             sky_brightness=19.8, seeing=0.6, num_exposures=1, psf_type="GAUSSIAN")
model = dict(lens_model_list=["SIE", "SHEAR"], lens_light_model_list=["SERSIC_ELLIPSE"],
             source_light_model_list=["SERSIC_ELLIPSE"])
for ss in (1, 3):
    def one(c):
        sim = SimAPI(64, bands, model)
        image_model = sim.image_model_class(dict(supersampling_factor=ss, supersampling_convolution=False))
        lens_light, source, _ = sim.magnitude2amplitude([c["lens"]], [c["source"]])
        sie = dict(theta_E=c["theta_E"], **{k: c["lens"][k] for k in ("e1", "e2", "center_x", "center_y")})
        shear = dict(gamma1=c["gamma1"], gamma2=c["gamma2"], ra_0=0, dec_0=0)
        image = image_model.image([sie, shear], source, lens_light)
        return image + sim.noise_for_model(image)
    one(cases[0])
    start, count = time.time(), 0
    while time.time() - start < seconds:
        one(cases[count % len(cases)])
        count += 1
    print(ss, count / (time.time() - start))
`;
