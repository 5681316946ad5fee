#!/bin/sh
# Builds an image, checks it and pushes it. Needs no root, no daemon and no KVM.
# BASE: base image. IMAGE: name in the registry. REVISION: the commit.
# GUEST_OPTIONS: more options of the build. REGISTRY_USER and REGISTRY_PASSWORD:
# credentials, if REGISTRY_AUTH_FILE names no file with them.
set -eu

if [ -n "${REGISTRY_PASSWORD:-}" ]; then
  REGISTRY_AUTH_FILE=$(mktemp)
  export REGISTRY_AUTH_FILE
  trap 'rm -f "$REGISTRY_AUTH_FILE"' EXIT
  printf '{"auths": {"%s": {"auth": "%s"}}}\n' "${IMAGE%%/*}" \
    "$(printf '%s:%s' "$REGISTRY_USER" "$REGISTRY_PASSWORD" | base64 -w 0)" >"$REGISTRY_AUTH_FILE"
fi

# A label is no input of a script, so that --reuse works for every commit.
# shellcheck disable=SC2086
overlayimg build --from "$BASE" --copy rootfs/:/ --run 'mkdir -p /var/lib/app' \
  --cmd /usr/bin/hello --label "org.opencontainers.image.revision=$REVISION" \
  --reuse --timeout 20m ${GUEST_OPTIONS:-} --name app --tag ci --json -o image.tar >build.json
overlayimg validate image.tar
overlayimg inspect --max-waste 5% image.tar
overlayimg push image.tar "$IMAGE" --digestfile digest.txt
