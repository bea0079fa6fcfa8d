#!/usr/bin/env bash
# Two network namespaces as two hosts: a rank in each, joined by a virtual cable, and one process with the same batch to
# compare with. Needs root and `ip` (iproute2). Prints the greatest difference between the weights.
#
#   bash bench/ranks/two-hosts.sh [FOLDER]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
home=$PWD
work=${1:-$(mktemp -d)}
mkdir -p "$work"
cd "$work"

if ((EUID != 0)) || ! command -v ip >/dev/null || ! ip netns add arclet-a 2>/dev/null; then
  echo "skipped: network namespaces need root and iproute2" >&2
  exit 0
fi
trap 'ip netns del arclet-a; ip netns del arclet-b 2>/dev/null || true' EXIT
ip netns add arclet-b
ip link add arclet-va netns arclet-a type veth peer name arclet-vb netns arclet-b
for end in a:1 b:2; do
  in=(ip -n "arclet-${end%:*}")
  "${in[@]}" link set lo up
  "${in[@]}" addr add "10.83.0.${end#*:}/24" dev "arclet-v${end%:*}"
  "${in[@]}" link set "arclet-v${end%:*}" up
done

export ARCLET_THREADS=1 OMP_NUM_THREADS=1
arclet() { node "$home/bin/arclet.mjs" "$@"; }
[[ -d source ]] || arclet simulate source --survey hsc --pixel-scale 0.187 --count 96 --size 24
[[ -d target ]] || arclet simulate target --count 96 --size 24 --seed 1 --test-fraction 0.5
rm -rf one two
small=(train source target --method dann --preset paper --encoder cnn --cnn.widths 4,8 --batch 16 --epochs 1
  --dann.epochs 2 --dann.batch 16 --precision float32)
arclet "${small[@]}" --out one

export WORLD_SIZE=2 LOCAL_WORLD_SIZE=1 LOCAL_RANK=0 MASTER_ADDR=10.83.0.1 MASTER_PORT=29500
RANK=1 ip netns exec arclet-b node "$home/bin/arclet.mjs" "${small[@]}" --out two &
second=$!
RANK=0 ip netns exec arclet-a node "$home/bin/arclet.mjs" "${small[@]}" --out two
wait "$second"

node --input-type=module -e '
const { readSafetensors } = await import(`${process.argv[1]}/dist/torch/safetensors.js`);
const [a, b] = ["one", "two"].map((run) => readSafetensors(`${run}/model-last.safetensors`).tensors);
let worst = 0;
for (const [name, value] of a) worst = Math.max(worst, value.sub(b.get(name)).abs().max().item());
console.log(`greatest difference of a weight between one process and two hosts: ${worst.toExponential(1)}`);
' "$home"
