#!/usr/bin/env bash
# Runs the commands of dockerTools' mkPureLayer and buildImage in their order, up to the uncompressed tar.
# usage: seeds-build-image.sh OUTPUT.tar
# Variables: imageName, imageTag, baseJson (a file), SOURCE_DATE_EPOCH; contents, keep (k or K), extraCommands, uid, gid, fromImage, closure (a file).
set -eo pipefail
export LC_ALL=C
output=$(realpath -m "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

mkdir layer
for item in $contents; do rsync "-a${keep:-k}" --chown=0:0 "$item/" layer/; done
chmod ug+w layer
if [[ -n "$extraCommands" ]]; then (cd layer && eval "$extraCommands"); fi
mkdir pure
tarhash=$(tar -C layer --hard-dereference --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner="${uid:-0}" --group="${gid:-0}" -cf - . |
  tee pure/layer.tar | tarsum)
jshon -s "$tarhash" -i checksum <"$baseJson" >pure/json
echo -n "1.0" >pure/VERSION
# In Nix, the closure of the layer includes the layer's own store path.
{ cat "${closure:-/dev/null}" && echo "$work/pure"; } >closure

ls_tar() {
  tar -tf "$1" | xargs realpath -ms --relative-to=. | while read -r name; do
    if [[ "$name" != "." ]]; then echo "/$name"; fi
  done
}

mkdir image
touch baseFiles layer-list
baseEnvs='[]'
parentID=
if [[ -n "$fromImage" ]]; then
  tar -C image -xpf "$fromImage"
  jq -r '.[0].Layers | .[]' image/manifest.json >layer-list
  baseEnvs=$(jq '.config.Env // []' "image/$(jq -r '.[0].Config' image/manifest.json)")
  parentID=$(jq -r '.[0].Config | rtrimstr(".json")' image/manifest.json)
  chmod a+w image image/*.json
  rm -f image/*.json
  for l in image/*/layer.tar; do ls_tar "$l" >>baseFiles; done
fi
chmod -R ug+rw image

mkdir temp
cp pure/* temp/
chmod ug+w temp/*
while read -r dep; do find "$dep" >>layerFiles; done <closure
ls_tar temp/layer.tar >>baseFiles
if [ "$(wc -l <closure)" -gt 1 ] && [ "$(grep -c -e "^/nix/store$" baseFiles)" -eq 0 ]; then
  mkdir -p nix/store
  chmod -R 555 nix
  echo "./nix" >>layerFiles
  echo "./nix/store" >>layerFiles
fi
comm <(sort -n baseFiles | uniq) <(sort -n layerFiles | uniq | grep -v "$work/pure") -1 -3 >newFiles
tar -rpf temp/layer.tar --hard-dereference --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --no-recursion --files-from newFiles

if [[ -n "$parentID" ]]; then
  jshon -s "$parentID" -i parent <temp/json >tmpjson
  mv tmpjson temp/json
fi
layerID=$(sha256sum temp/json | cut -d ' ' -f 1)
size=$(stat --printf="%s" temp/layer.tar)
jshon -s "$layerID" -i id -n "$size" -i Size <temp/json >tmpjson
mv tmpjson temp/json
mv temp "image/$layerID"
(cat layer-list && echo "$layerID/layer.tar") | sponge layer-list

imageJson=$(jq '.config.Env = $baseenv + .config.Env' --argjson baseenv "$baseEnvs" <"$baseJson")
imageJson=$(echo "$imageJson" | jq '. + {"rootfs": {"diff_ids": [], "type": "layers"}}')
manifestJson=$(jq -n "[{\"RepoTags\":[\"$imageName:$imageTag\"]}]")
while read -r layerTar; do
  layerChecksum=$(sha256sum "image/$layerTar" | cut -d ' ' -f1)
  imageJson=$(echo "$imageJson" | jq ".history |= . + [{\"created\": \"$(jq -r .created "$baseJson")\"}]")
  imageJson=$(echo "$imageJson" | jq ".rootfs.diff_ids |= . + [\"sha256:$layerChecksum\"]")
  manifestJson=$(echo "$manifestJson" | jq ".[0].Layers |= . + [\"$layerTar\"]")
done <layer-list
imageJsonChecksum=$(echo "$imageJson" | sha256sum | cut -d ' ' -f1)
echo "$imageJson" >"image/$imageJsonChecksum.json"
manifestJson=$(echo "$manifestJson" | jq ".[0].Config = \"$imageJsonChecksum.json\"")
echo "$manifestJson" >image/manifest.json
jshon -n object -n object -s "$layerID" -i "$imageTag" -i "$imageName" >image/repositories 2>jshon-says

chmod -R a-w image
tar -C image --hard-dereference --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --xform s:'^./':: -c . >"$output"
