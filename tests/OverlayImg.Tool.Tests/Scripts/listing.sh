#!/usr/bin/env bash
# Prints a comparable listing of the file system below the current directory, without times: type, mode, owner, size, device
# number, link target, hard-link group, content and extended attributes of each path. The script runs in the guest and on the
# host, so it needs only bash, findutils, coreutils and getfattr. Mount points of a running system, and files that a client or
# the guest mounts over every root, such as /etc/hosts, are left out.
set -eu
export LC_ALL=C
skip=(-path ./proc -o -path ./sys -o -path ./dev -o -path ./.overlayimg -o -path ./.dockerenv
  -o -path ./listing -o -path ./run/.containerenv -o -path ./etc/hosts)

# Names end with NUL and newlines in names become byte 1, so that no name can imitate a line.
find . -mindepth 1 \( "${skip[@]}" \) -prune -o -printf '%y %m %U:%G size=' \( -type f -printf '%s' -o -printf '-' \) -printf ' %p -> %l\0' |
  sort -z | tr '\n\0' '\001\n'

# Device numbers.
find . -mindepth 1 \( "${skip[@]}" \) -prune -o \( -type c -o -type b \) -exec stat -c 'device %t:%T %n' {} + | sort

# Hard links: one line per group with all names, sorted by the first name.
find . -mindepth 1 \( "${skip[@]}" \) -prune -o ! -type d -links +1 -printf '%i %p\0' | sort -z -k 1,1n -k 2 | tr '\n\0' '\001\n' |
  awk '{ inode = $1; sub(/^[0-9]+ /, ""); if (inode != last && NR > 1) printf "\n"; printf "%s|", $0; last = inode } END { print "" }' |
  awk -F '|' 'NF > 2' | sort | sed 's/^/links /'

# Contents: the MD5 of files, which an emulated guest computes four times as fast as SHA-256; of files above 64 MiB, the MD5 of
# the first and last MiB and of one MiB in every 256 MiB.
find . -mindepth 1 \( "${skip[@]}" \) -prune -o -type f -size -64M -print0 | sort -z |
  xargs -0 -r md5sum -z | tr '\n\0' '\001\n' | sed 's/^/content /'
find . -mindepth 1 \( "${skip[@]}" \) -prune -o -type f -size +63M -print0 | sort -z | while IFS= read -r -d '' file; do
  size=$(stat -c %s "$file")
  {
    head -c 1M "$file"
    for ((at = 256; at < size / 1048576; at += 256)); do dd if="$file" bs=1M skip=$at count=1 status=none; done
    tail -c 1M "$file"
  } | md5sum | sed "s|-\$|$file|; s/^/samples /"
done

# Extended attributes, including ACLs.
find . -mindepth 1 \( "${skip[@]}" \) -prune -o \( -type f -o -type d \) -print0 | sort -z |
  xargs -0 -r getfattr -h -d -m '^(user|security\.capability|system\.posix_acl|trusted)' -e hex -- 2>/dev/null | sed 's/^/xattr /'
