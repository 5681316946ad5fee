# Runs as root in a Debian image with attr, acl and libcap2-bin. Makes all kinds of changes that are difficult to convert from
# an overlay's upper directory to a layer.
set -u
export LC_ALL=C

# Deletions and replacements of files of the base image.
rm /etc/issue
rm -r /usr/share/zoneinfo
rm -r /etc/cron.daily && mkdir -m 0711 /etc/cron.daily && echo again > /etc/cron.daily/other
rm -r /etc/apt && echo 'a file now' > /etc/apt
rm -r /usr/share/lintian && ln -s /nowhere /usr/share/lintian
rm -r /usr/share/bug && echo x > /usr/share/bug && rm /usr/share/bug && mkdir /usr/share/bug && echo back > /usr/share/bug/back
rm /etc/debian_version && mkdir /etc/debian_version && echo deep > /etc/debian_version/deep
mv /usr/share/perl5 /usr/share/perl-moved
mv /etc/hostname /etc/hostname.moved 2> /dev/null || echo none > /etc/hostname.moved
rm -r /opt && mkdir /opt
rm -rf /srv
mv /etc/skel /etc/skel.old && mkdir /etc/skel && mv /etc/skel.old /etc/skel/inner

# Hard links: to new files, to files of the base image, to a symbolic link, and a group from which a name is deleted.
mkdir /t && cd /t
echo linked > first && ln first second && mkdir sub && ln first sub/third
ln /etc/passwd passwd-link
ln -s target symlink && ln symlink symlink-again
echo gone > member && ln member survivor && rm member

# Devices, pipes, sockets.
mknod null c 1 3 && mknod loop b 7 0 && mknod big c 4095 1048575 && mknod zero-minor c 5 0 && mkfifo -m 0600 fifo
mkdir devices && mknod devices/null c 1 3
ln loop loop-again && ln fifo fifo-again
perl -e 'use Socket; socket(my $s, PF_UNIX, SOCK_STREAM, 0); bind($s, sockaddr_un("/t/socket")) or die' && test -S socket

# Modes.
echo x > setuid && chmod 4755 setuid
echo x > setgid && chmod 2755 setgid
mkdir sticky && chmod 1777 sticky
echo x > nothing && chmod 0000 nothing
chmod 0700 /usr/share/doc-base 2> /dev/null || mkdir -m 0700 /usr/share/doc-base
chmod 0750 /var/mail

# Owners.
echo x > nobody && chown 65534:65534 nobody
echo x > highest && chown 4294967294:4294967294 highest
echo x > octal-limit && chown 2097152:2097151 octal-limit
chown -h 1:2 symlink

# Extended attributes, capabilities, ACLs.
cp /bin/cat capable && setcap cap_net_raw,cap_setuid+ep capable
setcap cap_net_bind_service+ep /usr/bin/tac
echo x > attributes
setfattr -n user.text -v 'a value with spaces' attributes
setfattr -n user.binary -v 0x00ff80fe0a3d attributes
setfattr -n user.empty attributes
setfattr -n trusted.kept -v 0x01 attributes
echo x > many && for n in $(seq 1 40); do setfattr -n "user.attribute-number-$n" -v "value $n" many; done
mkdir acl && setfacl -m u:1234:rwx,d:u:1234:r-x,g:99:r-- acl
echo x > acl/file && setfacl -m u:77:r-- acl/file
setfattr -n user.on-a-directory -v yes sticky

# Contents.
: > empty
# The listing only samples files above 64 MiB. large-files.sh tests larger files.
truncate -s 70M sparse && printf end | dd of=sparse bs=1 seek=$((70 * 1024 * 1024 - 3)) conv=notrunc status=none
printf middle | dd of=sparse bs=1 seek=50000000 conv=notrunc status=none
seq 1 100000 > numbers
echo appended >> /etc/profile
truncate -s 0 /etc/bash.bashrc

# Names.
mkdir names && cd names
touch -- 'with space' "quote'" 'double"quote' '$(dollar)' '`back`' '-dash' '--' '*' 'back\slash' 'semi;colon' '&' \
  "$(printf 'new\nline')" "$(printf 'tab\there')" "$(printf 'latin-\xe9')" \
  "$(printf 'bytes-\xff\xfe\x80')" "$(printf 'escape-\033[31m')" 'ünïcödé' '...' '.hidden' ' ' '#' '%s%n' 'wh.x' '.wh' 'a.wh.b'
touch "$(printf '%255s' '' | tr ' ' n)"
ln -s "$(printf '%1000s' '' | tr ' ' t)" long-target
ln -s 'with space/and
newline' odd-target
cd /t
path=deep
for n in $(seq 1 20); do path="$path/$(printf '%049d' "$n")"; done
mkdir -p "$path" && echo bottom > "$path/file"
mkdir "$(printf '%0100d' 1)" "$(printf '%0099d' 1)" && touch "$(printf '%0100d' 2)" "$(printf '%0101d' 3)"

# Many files, empty directories, and old and new times.
mkdir crowd && (cd crowd && seq 1 20000 | xargs touch)
mkdir -p hollow/er/est
touch -d 1901-12-14T00:00:00Z oldest && touch -d 1969-12-31T23:59:59.5Z before &&
  touch -d 2038-01-20T00:00:00Z after && touch -d 2106-02-08T00:00:00Z later
touch -d 2001-01-01 /etc/passwd /usr

cd / && bash /tmp/listing.sh > /listing
