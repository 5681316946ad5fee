#!/usr/bin/env bash
# Makes the layers 1.tar to 24.tar of an image that is difficult to flatten, in the current directory. The numeric owners
# other than root have no names on any host.
set -eu
export LC_ALL=C
pack() { # NUMBER: packs the directory with this number as NUMBER.tar, with file times that depend on the number.
  find "$1" -exec touch -hd "@$((1000000 + $1))" {} +
  tar -C "$1" --format=posix --pax-option=delete=atime,delete=ctime --xattrs --xattrs-include='*' --numeric-owner --sort=name -cf "$1.tar" .
  rm -rf "${1:?}"
}
umask 022

mkdir -p 1/{links,opaque/sub,hidden/deep,whiteouts,replaced-directory/in,meta,special,many,'odd names'} && cd 1
echo shared >links/a && ln links/a links/b && ln links/a links/c && ln links/a many/other-directory
ln -s a links/symbolic && ln links/symbolic links/symbolic-too
echo old >opaque/old && echo older >opaque/sub/older && echo x >hidden/deep/x
for name in same-layer gone kept; do echo "$name" >"whiteouts/$name"; done
echo in >replaced-directory/in/file && echo file >replaced-file && ln -s links link-to-directory && ln -s /absolute/nowhere dangling
mknod special/null c 1 3 && mknod special/loop b 7 0 && mknod special/large c 511 1048575 && mkfifo special/pipe
echo program >special/capable && chmod 755 special/capable &&
  setfattr -n security.capability -v 0x0100000200040000000000000000000000000000 special/capable
echo noted >special/noted && setfattr -n user.binary -v 0xff0080fe special/noted && setfattr -n user.directory -v 0x01 meta
echo acl >special/acl &&
  setfattr -n system.posix_acl_access -v 0x0200000001000600ffffffff0200040039300000040004ffffffff00100004ffffffff20000400ffffffff \
    special/acl 2>/dev/null ||
  setfacl -m u:12345:r special/acl
echo set >special/setuid && chown 12345:54321 special/setuid && chmod 6755 special/setuid && mkdir -m 1777 tmp
chown 12345:54321 meta && chmod 2750 meta
printf 'x' >"odd names/new
line" && echo y >'odd names/Ünïcode "quoted" \back' && printf z >"odd names/$(printf '\351\377')" && echo l >"odd names/$(printf 'l%.0s' {1..255})"
mkdir -p "odd names/$(printf 'd%.0s' {1..120})/$(printf 'e%.0s' {1..120})" &&
  echo deep >"odd names/$(printf 'd%.0s' {1..120})/$(printf 'e%.0s' {1..120})/file"
head -c 300000 /dev/zero | tr '\0' x >large && : >empty && truncate -s 5000 zeros
cd .. && pack 1

# An opaque directory, a whiteout and a new file with the same name, and whiteouts of a file, a directory and a missing name.
mkdir -p 2/{opaque,whiteouts,hidden} && cd 2
: >opaque/.wh..wh..opq && echo new >opaque/new && : >whiteouts/.wh.same-layer && echo again >whiteouts/same-layer && : >whiteouts/.wh.gone
: >hidden/.wh.deep && : >.wh.never-there
cd .. && pack 2

# A hard link to a file of a lower layer, a hard link to a file that this layer replaces, and a directory without an entry.
python3 - <<'END'
import io, tarfile
with tarfile.open('3.tar', 'w', format=tarfile.GNU_FORMAT) as layer:
    def add(name, kind=tarfile.REGTYPE, link='', content=b'', mode=0o640, time=1000003):
        member = tarfile.TarInfo(name)
        member.type, member.linkname, member.size, member.mtime, member.mode = kind, link, len(content), time, mode
        layer.addfile(member, io.BytesIO(content))
    # Docker and podman apply the metadata of a hard link's entry to the file, umoci and overlayimg do not. Here, as in all known
    # writers, the entry has the metadata of the file.
    add('links/d', tarfile.LNKTYPE, 'links/a', mode=0o644, time=1000001)
    add('links/b', content=b'replaced: only this name\n')
    add('links/e', tarfile.LNKTYPE, 'links/b')
    add('implied/by/its/file', content=b'implied\n')
END

# A directory becomes a file, a file becomes a directory, a link to a directory becomes a directory, and metadata changes.
mkdir -p 4/{replaced-file/now,link-to-directory,meta} && cd 4
echo file >replaced-directory && echo inside >replaced-file/now/inside && echo own >link-to-directory/own
chmod 700 meta && chown 54321:0 meta
cd .. && pack 4

for number in {5..24}; do
  mkdir "$number" && echo "$number" >"$number/last" && echo "$number" >"$number/own-$number"
  [ "$number" -le 6 ] || : >"$number/.wh.own-$((number - 2))"
  pack "$number"
done
