/**
 * Whether libtorch has room to load, and OpenBLAS its buffers. Under a limit of addresses or of data OpenBLAS asks for its
 * buffers again and again, for ever, instead of giving up; where it gets them and libtorch does not, a constructor of
 * libtorch's throws while it is loaded, and the program ends by a signal.
 */
import { availableParallelism } from "node:os";
import { refuseTooLittleRoom } from "../foundation/memory-room.ts";

const MIB = 2 ** 20;
/** OpenBLAS's buffer of each thread. */
const OF_THREAD = 128 * MIB;
/** What loading takes beside the buffers, and a little more: Debian's libtorch took 568 and 80 MiB, the first product a buffer. */
const OF_LIBRARY = { addresses: 768 * MIB, data: 144 * MIB + OF_THREAD };

/** Of OpenBLAS, which has no more than the machine has cores. */
function threads(): number {
  const cores = availableParallelism();
  const { OMP_NUM_THREADS, ARCLET_THREADS } = process.env;
  const asked = [OMP_NUM_THREADS, ARCLET_THREADS].map((text) => Number(text) || cores);
  return Math.min(cores, Math.max(...asked));
}

/** @throws ArcletError when too little is left for libtorch to load */
export function refuseWithoutRoom(): void {
  const buffers = OF_THREAD * threads();
  const needs = { addresses: OF_LIBRARY.addresses + buffers, data: OF_LIBRARY.data + buffers };
  refuseTooLittleRoom("torch", "libtorch", needs, "load");
}
