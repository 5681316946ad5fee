# Runs the commands of dockerTools' runWithOverlay and mkRootLayer for a script that writes one file, in the same order
# and with the same programs, on an ext4 file system in the guest. Making that file system is left out, which favours
# dockerTools.
set -e
cd /bench
mkdir image && tar -C image -xpf /input/base.tar
jq -r '.[0].Layers | .[]' image/manifest.json > layer-list
lowerdir=''
number=0
while read -r layer; do
  number=$((number + 1))
  mkdir -p "image/$number/layer"
  tar -C "image/$number/layer" -xpf "image/$layer"
  rm "image/$layer"
  find "image/$number/layer" -name '.wh.*' -exec bash -c 'name="$(basename {} | sed "s/^.wh.//")"; mknod "$(dirname {})/$name" c 0 0; rm {}' \;
  lowerdir=image/$number/layer${lowerdir:+:$lowerdir}
done < layer-list
mkdir work layer mnt
mount -t overlay overlay -o "lowerdir=$lowerdir,workdir=work,upperdir=layer" mnt
mkdir -p mnt/dev mnt/proc mnt/sys
mount --rbind /dev mnt/dev
mount --rbind /sys mnt/sys
unshare -imnpuf --mount-proc chroot mnt /bin/bash -ec 'echo hello > /written'
umount -R mnt/dev mnt/sys
rmdir --ignore-fail-on-non-empty mnt/dev mnt/proc mnt/sys
umount mnt
(cd layer && find . -type c -exec bash -c 'name="$(basename {})"; touch "$(dirname {})/.wh.$name"; rm "{}"' \;)
sum=$(tar -C layer --hard-dereference --sort=name --mtime=@1 -cf - . | tee layer.tar | tarsum)
echo '{}' | jshon -s "$sum" -i checksum > json
printf 1.0 > VERSION
