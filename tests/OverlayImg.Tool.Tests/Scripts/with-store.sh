#!/usr/bin/env bash
# Runs a command in a new mount namespace where a directory is mounted at /nix/store. The host's file system is not changed.
# usage: with-store.sh STORE COMMAND...
set -e
if [ -z "$INSIDE" ]; then INSIDE=1 exec unshare -m bash "$0" "$@"; fi
store=$1
shift
# The new root can't be below /tmp, because /tmp is mounted into it.
root=/mnt
mount -t tmpfs root "$root"
for entry in /*; do
  if [ "$entry" = "$root" ]; then continue; fi
  if [ -L "$entry" ]; then cp -d "$entry" "$root$entry"; elif [ -d "$entry" ]; then mkdir "$root$entry" && mount --rbind "$entry" "$root$entry"; fi
done
mkdir -p "$root/nix/store"
mount --bind "$store" "$root/nix/store"
exec chroot "$root" bash -c 'cd "$0" && exec "$@"' "$PWD" "$@"
