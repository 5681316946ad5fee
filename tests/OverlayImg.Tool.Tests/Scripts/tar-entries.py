#!/usr/bin/env python3
"""Prints the entries of a tar as sorted lines, without details of the tar format.

Each line has the name, the metadata, the digest of the content, and the group of names that are hard links of each other.
"""
import hashlib
import sys
import tarfile

archive = tarfile.open(sys.argv[1], errors='surrogateescape')
clean = lambda name: name.removeprefix('./').rstrip('/') or '.'
lines, groups = {}, {}
for member in archive:
    name = clean(member.name)
    if member.islnk():
        groups.setdefault(clean(member.linkname), set()).add(name)
        continue
    xattrs = {key.removeprefix('SCHILY.xattr.'): value.encode('utf-8', 'surrogateescape').hex()
              for key, value in member.pax_headers.items() if key.startswith('SCHILY.xattr.')}
    device = (member.devmajor, member.devminor) if member.ischr() or member.isblk() else None
    content = hashlib.sha256(archive.extractfile(member).read()).hexdigest() if member.isreg() else None
    kind = 'file' if member.isreg() else member.type
    lines[name] = (kind, oct(member.mode & 0o7777), member.uid, member.gid, int(member.mtime), member.linkname, device, content,
                   sorted(xattrs.items()))
for first, names in groups.items():
    for name in names:
        lines[name] = lines[first]
for first, names in groups.items():
    group = sorted(names | {first})
    for name in group:
        lines[name] += tuple(group),
for name, line in sorted(lines.items()):
    print(ascii(name), *line)
