#!/usr/bin/env bash
# Runs what the container recipes run (containers/install.sh) in a bare Debian 13, then tries what it installed.
# Docker and Apptainer start from the same packages, so this is what their builds do, without either. Needs root and
# debootstrap; mirror and registry are those that this machine is configured for.
#
#   bash scripts/try-recipe.sh [FOLDER]     the root is made in FOLDER, default a new one under /var/tmp, and removed
#                                           at the end unless KEEP=1
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

stop() { printf 'try-recipe: %s\n' "$*" >&2; exit 2; }
say() { printf '\n== %s\n' "$*"; }
((EUID == 0)) || stop "must be root, for debootstrap and chroot"
command -v debootstrap >/dev/null || stop "debootstrap is missing: apt-get install debootstrap"

# The mirror: the first of apt's own sources.
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -E '/debian/?$' | head -n 1)
[[ -n $mirror ]] || stop "apt is configured for no mirror that ends in /debian"

folder=${1:-$(mktemp -d /var/tmp/arclet-recipe.XXXXXX)}
root=$folder/root
mkdir -p "$root"
clear() {
  if mountpoint -q "$root/proc"; then umount "$root/proc"; fi
  if mountpoint -q "$root/dev"; then umount -R "$root/dev"; fi
  [[ -n ${KEEP:-} ]] || rm -rf --one-file-system "$root"
}
trap clear EXIT

say "a bare Debian 13"
[[ -f $root/usr/bin/apt-get ]] ||
  debootstrap --variant=minbase --keyring=/usr/share/keyrings/debian-archive-keyring.gpg trixie "$root" "$mirror"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev" 2>/dev/null || mount --bind /dev "$root/dev"
mount --make-rslave "$root/dev"
cp /etc/resolv.conf "$root/etc/resolv.conf"
cp /etc/hosts "$root/etc/hosts"

say "the package, as npm pack makes it"
mkdir -p "$root/opt/arclet-install"
npm pack --silent --pack-destination "$root/opt/arclet-install"
cp containers/install.sh "$root/opt/arclet-install/"

# npm's registry and this machine's certificates, as npm is configured here.
within=(env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8
  "npm_config_registry=$(npm config get registry)")
certificates=$(npm config get cafile)
if [[ -f $certificates ]]; then
  mkdir -p "$root/opt/certificates"
  cp "$certificates" "$root/opt/certificates/all.crt"
  within+=(npm_config_cafile=/opt/certificates/all.crt)
fi

say "containers/install.sh"
chroot "$root" "${within[@]}" sh /opt/arclet-install/install.sh /opt/arclet-install

say "what was installed, tried"
chroot "$root" "${within[@]}" sh -euxc '
  cd /root
  arclet surveys
  arclet simulate images --survey hsc --pixels flux --bands g,r,i --size 64 --count 40 --seed 1
  arclet score images hsc --out ranked.csv
  head -n 3 ranked.csv
'
say "the recipe works: $(du -sh --one-file-system "$root" | cut -f1) in all"
