# Runs the commands of dockerTools' buildImage, without a base image and store paths, with the same programs.
# usage: dockertools-build.sh CONTENTS OUTPUT.tar.gz, with moby's tarsum program in the variable TARSUM
set -e
contents=$1 output=$2 peers=$(dirname "$(realpath "$0")")
cd "$(mktemp -d)"
trap 'chmod -R u+w "$PWD"; rm -rf "$PWD"' EXIT
bash "$peers/dockertools-layer.sh" "$contents" "$PWD/built"
baseJson='{"architecture":"amd64","config":null,"created":"1970-01-01T00:00:01Z","os":"linux"}'
mkdir image temp
touch baseFiles layerFiles layer-list
cp built/* temp/
chmod ug+w temp/*
for f in $(tar -tf temp/layer.tar | xargs realpath -ms --relative-to=.); do [ "$f" = . ] || echo "/$f"; done >>baseFiles
comm <(sort -n baseFiles | uniq) <(sort -n layerFiles | uniq) -1 -3 >newFiles
tar -rpf temp/layer.tar --hard-dereference --sort=name --mtime=@1 --owner=0 --group=0 --no-recursion --files-from newFiles
layerID=$(sha256sum temp/json | cut -d ' ' -f 1)
size=$(stat --printf=%s temp/layer.tar)
jshon -s "$layerID" -i id -n "$size" -i Size <temp/json >tmpjson
mv tmpjson temp/json
mv temp "image/$layerID"
echo "$layerID/layer.tar" >>layer-list
imageJson=$(jq '.config.Env = [] + .config.Env' <<<"$baseJson" | jq '. + {"rootfs": {"diff_ids": [], "type": "layers"}}')
manifestJson=$(jq -n '[{"RepoTags":["bench:1"]}]')
for layerTar in $(cat layer-list); do
  layerChecksum=$(sha256sum "image/$layerTar" | cut -d ' ' -f 1)
  imageJson=$(jq '.history |= . + [{"created": "1970-01-01T00:00:01Z"}]' <<<"$imageJson" | jq ".rootfs.diff_ids |= . + [\"sha256:$layerChecksum\"]")
  manifestJson=$(jq ".[0].Layers |= . + [\"$layerTar\"]" <<<"$manifestJson")
done
imageJsonChecksum=$(sha256sum <<<"$imageJson" | cut -d ' ' -f 1)
echo "$imageJson" >"image/$imageJsonChecksum.json"
jq ".[0].Config = \"$imageJsonChecksum.json\"" <<<"$manifestJson" >image/manifest.json
jshon -n object -n object -s "$layerID" -i 1 -i bench >image/repositories
chmod -R a-w image
tar -C image --hard-dereference --sort=name --mtime=@1 --owner=0 --group=0 --xform s:'^./':: -c . | pigz -nT >"$output"
