# Runs the commands of dockerTools' mkPureLayer, with the same programs.
# usage: dockertools-layer.sh CONTENTS OUTPUT, with moby's tarsum program in the variable TARSUM
set -e
contents=$1 output=$2
cd "$(mktemp -d)"
trap 'chmod -R u+w "$PWD"; rm -rf "$PWD"' EXIT
mkdir layer
rsync -ak --chown=0:0 "$contents/" layer/
chmod ug+w layer
mkdir -p "$output"
tarhash=$(tar -C layer --hard-dereference --sort=name --mtime=@1 --owner=0 --group=0 -cf - . | tee "$output/layer.tar" | "$TARSUM")
echo '{"architecture":"amd64","config":null,"created":"1970-01-01T00:00:01Z","os":"linux"}' | jshon -s "$tarhash" -i checksum >"$output/json"
echo -n 1.0 >"$output/VERSION"
