"""The same work in Python: FITS cutouts opened by astropy, stacked and saved as one .npy. Prints the seconds.

    python3 peer.py FOLDER one|three COUNT OUT.npy
"""

import sys
import time

import numpy as np
from astropy.io import fits

folder, kind, count, out = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
start = time.perf_counter()
images = np.empty((count, 3, 64, 64), dtype="f4")
for k in range(count):
    if kind == "three":
        for c, band in enumerate("gri"):
            with fits.open(f"{folder}/object-{k:05d}_{band}.fits") as hdus:
                images[k, c] = hdus[0].data
    else:
        with fits.open(f"{folder}/object-{k:05d}.fits") as hdus:
            images[k] = np.stack([hdus[band].data for band in "GRI"])
np.save(out, images)
print(time.perf_counter() - start)
