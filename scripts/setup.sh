#!/usr/bin/env bash
# Sets Arclet up: system packages, npm packages, the native build, the TypeScript build, the pages of arclet inspect.
# What is up to date is left alone, so a second run takes well under a second.
#
#   LIBTORCH=/path/to/libtorch        use this libtorch, not Debian's
#   ARCLET_TORCH_PYTHON=/path/python  use the libtorch inside this Python's torch
#   ARCLET_PREFIX=/path[:/path]       folders whose include/ and lib/ have CFITSIO, WCSLIB, SEP or libtorch; conda's
#                                     environment (CONDA_PREFIX) is one
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

mkdir -p build
log=build/setup.log

say() { printf 'setup: %s\n' "$*" >&2; }
stop() {
  printf 'setup: %s\n' "$@" >&2
  exit 2
}

# step LABEL ADVICE COMMAND...: runs a command into the log, with its elapsed time; on failure shows the log's end.
step() {
  local label=$1 advice=$2 start=$SECONDS status=0 pid
  shift 2
  : >"$log"
  say "$label ..."
  "$@" >"$log" 2>&1 </dev/null &
  pid=$!
  trap 'kill "$pid" 2>/dev/null; exit 130' INT TERM
  watch "$label" "$pid" &
  local watcher=$!
  wait "$pid" || status=$?
  kill "$watcher" 2>/dev/null || true
  wait "$watcher" 2>/dev/null || true
  trap - INT TERM
  if ((status != 0)); then
    tail -n 20 "$log" >&2
    stop "failed: $label (exit code $status; the whole output is in $log)" "$advice"
  fi
  say "$label: done in $((SECONDS - start)) s"
}

watch() {
  local start=$SECONDS
  exec 9>&- # the lock belongs to the set-up alone
  while sleep 10 </dev/null >/dev/null 2>&1 && kill -0 "$2" 2>/dev/null; do say "$1 ... $((SECONDS - start)) s"; done
}

check_node() {
  command -v node >/dev/null || stop "Node.js is missing: install Node 20 or newer (https://nodejs.org), then: npm run setup"
  local major
  major=$(node -p 'process.versions.node.split(".")[0]')
  ((major >= 20)) || stop "Node.js must be 20 or newer, got $(node --version): install it (https://nodejs.org), then: npm run setup"
  command -v npm >/dev/null || stop "npm is missing: install it (on Debian: apt-get install npm), then: npm run setup"
}

# Where libraries are looked for before /usr, as scripts/build-native.mjs has it.
prefixes() { tr ':' '\n' <<<"${ARCLET_PREFIX:-}:${CONDA_PREFIX:-}" | grep . || true; }

has_header() {
  local folder
  while read -r folder; do [[ -f $folder/include/$1 ]] && return; done < <(prefixes)
  # Conda's compiler has another root, and doesn't see what is in /usr.
  [[ -z ${CONDA_BUILD_SYSROOT:-} && -f /usr/include/$1 ]]
}

# Any libtorch, C++ compiler and fast BLAS will do; Debian's packages are what is installed when one is missing.
missing_packages() {
  command -v "${CXX:-g++}" >/dev/null || echo g++
  has_header fitsio.h || echo libcfitsio-dev
  has_header wcslib/wcs.h || echo wcslib-dev
  has_header sep.h || echo libsep-dev
  has_header zlib.h || echo zlib1g-dev
  # Another libtorch brings its own BLAS.
  [[ -n ${LIBTORCH:-} || -n ${ARCLET_TORCH_PYTHON:-} ]] && return
  local folder
  while read -r folder; do [[ -f $folder/lib/libtorch_cpu.so && -f $folder/include/ATen/ATen.h ]] && return; done < <(prefixes)
  if [[ ! -f /usr/include/ATen/ATen.h ]] || ! compgen -G '/usr/lib/*-linux-gnu/libtorch_cpu.so' >/dev/null; then
    echo libtorch-dev
  fi
  # Headers of what libtorch connects several processes with; the library came with it.
  [[ -f /usr/include/gloo/context.h ]] || echo libgloo-dev
  # OpenBLAS's pthread build is at odds with libtorch's threads; scripts/build-native.mjs takes the OpenMP build.
  local blas
  for blas in /usr/lib/*-linux-gnu/libblas.so.3; do
    case $(readlink -f "$blas") in *openblas-serial* | *openblas-pthread*) ;; *openblas* | *mkl* | *blis*) return ;; esac
  done
  compgen -G '/usr/lib/*-linux-gnu/openblas-*/libblas.so.3' >/dev/null || echo libopenblas0-openmp
}

can_install() { [[ -z ${CONDA_BUILD_SYSROOT:-} ]] && command -v apt-get >/dev/null && { ((EUID == 0)) || sudo -n true 2>/dev/null; }; }

install_system_packages() {
  local missing advice root=()
  mapfile -t missing < <(missing_packages)
  ((${#missing[@]} > 0)) || return 0
  if [[ ${missing[*]} == libsep-dev ]] && ! can_install; then
    say "SEP (Debian's libsep-dev) is missing and can't be installed: Arclet is built without arclet detect"
    return 0
  fi
  advice="apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
  if ! command -v apt-get >/dev/null; then
    stop "missing: ${missing[*]} (Debian's names), and there is no apt-get to install them" \
      "install a C++17 compiler with your system's tools, unpack libtorch (https://pytorch.org), then run:" \
      "  export LIBTORCH=/path/to/libtorch" "  npm run setup"
  fi
  if ((EUID != 0)); then
    if ! sudo -n true 2>/dev/null; then
      stop "missing: ${missing[*]}; installing them needs root. Run:" \
        "  sudo apt-get update" "  sudo apt-get install -y --no-install-recommends ${missing[*]}" "  npm run setup"
    fi
    root=(sudo -n)
    advice="sudo ${advice/&& /&& sudo }"
  fi
  advice="check the network and the disk's free space (2 GB are needed), then run: $advice"
  root+=(env DEBIAN_FRONTEND=noninteractive)
  step "reading Debian's package lists" "$advice" "${root[@]}" apt-get -o DPkg::Lock::Timeout=300 update
  step "installing ${missing[*]}" "$advice" \
    "${root[@]}" apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "${missing[@]}"
  # Without package lists, apt takes `g++` for a pattern, finds it in other names and calls that a success.
  mapfile -t missing < <(missing_packages)
  ((${#missing[@]} == 0)) || stop "failed: ${missing[*]} can't be installed from this machine's package lists" "$advice"
}

# node_modules is up to date when npm's own record of it has every package of the lock file. npm writes that record
# last, so an interrupted installation has none.
npm_packages_match() {
  node - <<'JS'
const { readFileSync } = require("node:fs");
const packages = (path) => JSON.parse(readFileSync(path, "utf8")).packages;
try {
  const installed = packages("node_modules/.package-lock.json");
  const wanted = Object.entries(packages("package-lock.json"));
  const matches = ([path, entry]) =>
    path === "" || entry.link || entry.optional || installed[path]?.version === entry.version;
  process.exitCode = wanted.every(matches) ? 0 : 1;
} catch {
  process.exitCode = 1;
}
JS
}

# What npm has installed as a package has its packages and its dist/ already: only a clone has a lock file and sources.
is_clone() { [[ -f package-lock.json && -d src ]]; }

install_npm_packages() {
  is_clone || return 0
  npm_packages_match && return 0
  step "installing npm packages" "check the network, then run: npm ci --include=dev && npm run setup" \
    env ONNXRUNTIME_NODE_INSTALL=skip npm ci --include=dev --no-audit --no-fund
}

build_native() {
  watch "native build" $$ &
  local watcher=$! status=0
  node scripts/build-native.mjs || status=$?
  kill "$watcher" 2>/dev/null || true
  wait "$watcher" 2>/dev/null || true
  ((status == 0)) || stop "failed: the native build (its reason is above); then run again: npm run setup"
}

build_typescript() {
  is_clone || return 0
  local stamp=build/.compiled
  if [[ -f $stamp && -f dist/cli/main.js && -z $(find src tsconfig.json tsconfig.build.json package-lock.json -newer "$stamp" -print -quit) ]]; then
    return 0
  fi
  # The stamp has the time before the build: a file saved during it is built next time.
  touch build/.compiling
  step "compiling TypeScript" "correct the errors above, then run: npm run setup" compile
  if [[ -s build/type-errors ]]; then
    cat build/type-errors >&2
    say "dist/ is built despite the type errors above"
  else
    mv build/.compiling "$stamp"
  fi
}

# tsc exits with 2 when it found type errors but wrote its output anyway. That is enough for a room's tests;
# `npm run types` is what fails on them.
compile() {
  local status=0
  node node_modules/typescript/bin/tsc -p tsconfig.build.json >build/type-errors || status=$?
  ((status == 0)) && rm -f build/type-errors
  ((status == 0 || status == 2)) || { cat build/type-errors; return "$status"; }
}

# The pages are built quickly; what is up to date is left alone.
build_pages() {
  is_clone || return 0
  local log=build/pages.log
  node scripts/build-web.mjs >"$log" 2>&1 || {
    tail -n 20 "$log" >&2
    stop "failed: building the pages of arclet inspect (the whole output is in $log)" "correct the errors above, then run: npm run setup"
  }
}

# Two set-ups at once (a demo beside a test) would install into each other.
if command -v flock >/dev/null; then
  exec 9>build/.setup-lock
  flock -n 9 || { say "another set-up is running here, waiting for it"; flock 9; }
fi

check_node
install_system_packages
install_npm_packages
build_native
build_typescript
build_pages
