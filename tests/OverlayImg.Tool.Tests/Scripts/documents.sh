#!/usr/bin/env bash
# Makes the files that the commands in README.md and docs/*.md use, in the current directory.
# usage: documents.sh BASE PACKAGES DOCS    the archive of a base image, the directory with the tool's package, and the directory of the documents
set -euo pipefail
umask 022

ln -s "$1" base.tar
ln -s "$2" artifacts
cp "$3/ci/image.sh" .

mkdir -p rootfs/usr/bin rootfs/etc
printf '#!/bin/sh\necho "Hello from a container."\n' >rootfs/usr/bin/hello
chmod 755 rootfs/usr/bin/hello
echo 'greeting = Hello' >rootfs/etc/hello.conf
tar -C rootfs -czf rootfs.tar.gz .

cat >setup.sh <<'SETUP'
useradd --system web
rm -rf /usr/share/info
echo "I am $(id -un), and this is $(. /etc/os-release; echo "$ID")."
SETUP
printf '%s\n' '#!/bin/bash' 'set -euo pipefail' 'sha256sum /run/secrets/token' 'install -d /opt/app' >steps.sh
printf '%s\n' 'mkdir -p /opt' 'cp /no/such/file /opt' >broken.sh
echo token >token.txt
echo 'find mnt/etc -name "*.conf" >out/files' >hook.sh
echo 'date +%N >/etc/made' >clock.sh
echo 'mkdir -p /cache/packages; echo downloaded >>/cache/packages/log; wc -l </cache/packages/log' >install.sh
cat >image.json <<'SPEC'
{
  "name": "hello",
  "tag": "1.0",
  "fromImage": "base.tar",
  "copyToRoot": ["rootfs"],
  "config": { "Cmd": ["/usr/bin/hello"] }
}
SPEC

# A store with two paths, one of which refers to the other.
busybox=0p9z2yk1wcvahb8ms4xq7f3d5rgi6jln-busybox-1.35
hello=3n58xw4373jp0ljirf06d8077j15pc4j-hello-2.12
mkdir -p "store/$busybox/bin" "store/$hello/bin"
cp /bin/busybox "store/$busybox/bin/"
printf '#!/nix/store/%s/bin/busybox sh\necho "Hello from the store."\n' "$busybox" >"store/$hello/bin/hello"
chmod 755 "store/$hello/bin/hello"
printf '/nix/store/%s\n' "$busybox" "$hello" >closure.txt
