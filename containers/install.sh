#!/bin/sh
# Installs Arclet in a bare Debian 13 (trixie), as root: the steps of Dockerfile and of arclet.def alike.
# scripts/try-recipe.sh runs this file in such a Debian.
#
#   sh install.sh FOLDER     FOLDER has the file that `npm pack` wrote, arclet-*.tgz
set -eu

folder=$1
package=$(find "$folder" -maxdepth 1 -name 'arclet-*.tgz' | sort | tail -n 1)
[ -n "$package" ] || { echo "install.sh: no arclet-*.tgz in $folder: run npm pack in the clone" >&2; exit 2; }

export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install -y --no-install-recommends ca-certificates nodejs npm
# The tests' half of ONNX Runtime for CUDA is a large download that scoring doesn't need.
ONNXRUNTIME_NODE_INSTALL=skip npm install --global --omit=dev --no-audit --no-fund "$package"
# Debian's libtorch, CFITSIO, WCSLIB and SEP, a compiler, and the doors built against them.
arclet setup
arclet doctor || [ $? -eq 2 ] # 2: a warning about this machine, such as too little memory

npm cache clean --force
apt-get clean
rm -rf /var/lib/apt/lists/*
