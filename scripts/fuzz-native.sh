#!/bin/bash
# Breaks files at random and reads them through the native door to the sky, our code and the libraries' all under
# AddressSanitizer and UBSan: images and tables by CFITSIO, headers by WCSLIB, detection by SEP.
#   scripts/fuzz-native.sh SOURCES [INPUTS] [FIRST]
# SOURCES is a folder that holds cfitsio*/, wcslib*/ and sep*/ (apt-get source cfitsio wcslib sep). FIRST is the number of
# the first input. Needs a build of Arclet. What ends the process stays in build/fuzz/found/.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
sources=$(cd "${1:?a folder with the sources of CFITSIO, WCSLIB and SEP}" && pwd)
inputs=${2:-2000}
first=${3:-0}
place=$root/build/fuzz
flags="-g -O1 -fPIC -fno-omit-frame-pointer -fsanitize=address,undefined"
folder() { # the source folder of a library, by the name of one of its files
  local found
  found=$(find "$sources" -maxdepth 4 -name "$2" -path "*$1*" -printf '%h\n' | head -1)
  [ -n "$found" ] || { echo "fuzz-native: no $1 source in $sources" >&2; exit 2; }
  echo "$found"
}
library() { # NAME FLAGS FILE...: compiled and packed once
  local name=$1 more=$2
  shift 2
  [ ! -e "$place/lib$name.a" ] || return 0
  mkdir -p "$place/$name"
  printf '%s\n' "$@" | (cd "$place/$name" && xargs -n 1 -P 2 gcc $flags -w $more -c)
  ar rcs "$place/lib$name.a" "$place/$name"/*.o
}
mkdir -p "$place/build" "$place/files"
fits=$(folder cfitsio imcompress.c)
wcs=$(folder wcslib wcsfix.c)
sep=$(folder sep lutz.c)
programs='drvrsmem|f77|fpack|funpack|imcopy|speed|cookbook|smem|testprog|windumpexts|iter_|vmsieee|fitscopy|listhead|drvrgsiftp'
library cfitsio "-D_REENTRANT -DHAVE_UNISTD_H -I$fits" $(ls "$fits"/*.c | grep -Ev "/($programs)")
library wcs "-I/usr/include/wcslib -I$wcs -DHAVE_SINCOS -DWCSLIB_INT64=long" "$wcs"/*.c "$wcs"/flexed/*.c
library sep "-I$sep" "$sep"/*.c
node=$(dirname "$(dirname "$(node -p process.execPath)")")/include/node
[ -e "$node/node_api.h" ] || node=$root/node_modules/node-api-headers/include
mkdir -p "$place/door"
printf '%s\n' "$root"/native/sky/*.cc "$root"/native/node/*.cc |
  (cd "$place/door" && xargs -n 1 -P 2 g++ -std=c++17 $flags -isystem "$node" -c)
g++ -shared $flags -o "$place/build/sky.node" "$place/door"/*.o "$place"/lib{cfitsio,wcs,sep}.a -lz -lm -lpthread
# The door is found beside dist: here is a second one, of this build alone.
rm -rf "$place/dist"
cp -r "$root/dist" "$place/dist"
cp "$root/package.json" "$place/"
exec node "$root/native/fuzz/fuzz.mjs" "$place" "$inputs" "$first"
