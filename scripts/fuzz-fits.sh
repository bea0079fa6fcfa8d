#!/bin/bash
# Breaks FITS files at random and reads them, our code and CFITSIO's both under AddressSanitizer.
#   scripts/fuzz-fits.sh CFITSIO_SOURCE [SECONDS]
# CFITSIO_SOURCE is a folder of CFITSIO's C files (apt-get source cfitsio). Needs a build of Arclet, for the files.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
source=$(cd "${1:?the folder of CFITSIO\'s source}" && pwd)
seconds=${2:-60}
place=$root/build/fuzz
mkdir -p "$place/c" "$place/files"
flags="-g -O1 -fno-omit-frame-pointer -fsanitize=address"
if [ ! -e "$place/libcfitsio.a" ]; then
  cd "$place/c"
  for file in "$source"/*.c; do
    case $(basename "$file") in
      drvrsmem.c | f77*.c | fpack*.c | funpack.c | imcopy.c | speed.c | cookbook.c | smem.c | testprog.c | windumpexts.c | iter_*.c | vmsieee.c | fitscopy.c | listhead.c | drvrgsiftp.c) continue ;;
    esac
    gcc $flags -w -D_REENTRANT -DHAVE_UNISTD_H -I"$source" -I"$source/zlib" -c "$file"
  done
  ar rcs "$place/libcfitsio.a" ./*.o
fi
cd "$place"
node=$(dirname "$(dirname "$(node -p process.execPath)")")/include/node
[ -e "$node/node_api.h" ] || node=$root/node_modules/node-api-headers/include
rm -f ./*.o
g++ -std=c++17 $flags -I"$source" -isystem "$node" -c "$root"/native/fuzz/fits.cc \
  "$root"/native/sky/{layout,reading,streams,tiles,cfitsio}.cc "$root"/native/node/*.cc
# Node is not there: what would call it ends the process.
nm -u ./*.o | awk '/ napi_/ { print "int " $2 "(void) { __builtin_trap(); }" }' | sort -u >stubs.c
echo 'char form[64] __asm__("_ZN6arclet10kErrorFormE");' >>stubs.c
gcc -c stubs.c
g++ $flags -o fits ./*.o libcfitsio.a -lz -lm -lpthread
node "$root/native/fuzz/make-files.mjs" "$root" files
ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1 ./fits "$seconds" files/*.fits
