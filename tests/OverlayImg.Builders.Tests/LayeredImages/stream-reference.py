#!/usr/bin/env python3
"""Streams an image from a conf.json as nixpkgs' stream script does, with Python's tarfile.

usage: stream-reference.py CONF >ARCHIVE
"""
import datetime
import hashlib
import io
import json
import os
import pathlib
import sys
import tarfile
import threading


class Sum:
    """A writer that keeps only the digest and the length of the data."""

    def __init__(self):
        self.sha256, self.length = hashlib.sha256(), 0

    def write(self, data):
        self.sha256.update(data)
        self.length += len(data)


def store_files(path):
    path = pathlib.Path(path)
    return [path] if path.is_symlink() else sorted([path, *path.rglob("*")])


def write_store_layer(output, paths, conf, mtime):
    def add(tar, member, content=None):
        member.mtime, member.uid, member.gid = mtime, int(conf["uid"]), int(conf["gid"])
        member.uname, member.gname = conf["uname"], conf["gname"]
        tar.addfile(member, content)

    with tarfile.open(fileobj=output, mode="w|") as tar:
        for name in ("/nix", "/nix/store"):
            directory = tarfile.TarInfo(name)
            directory.type, directory.mode = tarfile.DIRTYPE, 0o755
            add(tar, directory)
        for path in paths:
            for file in store_files(path):
                member = tar.gettarinfo(file)
                member.name = "/" + member.name
                if member.islnk():
                    member.type, member.linkname, member.size = tarfile.REGTYPE, "", file.stat().st_size
                if member.isfile():
                    with open(file, "rb") as content:
                        add(tar, member, content)
                else:
                    add(tar, member)


def add_store_layer(archive, paths, conf, mtime):
    total = Sum()
    write_store_layer(total, paths, conf, mtime)
    member = tarfile.TarInfo(f"{total.sha256.hexdigest()}/layer.tar")
    member.size, member.mtime = total.length, mtime
    read, write = os.pipe()

    def produce():
        with open(write, "wb") as pipe:
            write_store_layer(pipe, paths, conf, mtime)

    with open(read, "rb") as pipe:
        threading.Thread(target=produce).start()
        archive.addfile(member, pipe)
    return total.sha256.hexdigest(), member.name, paths


def add_base_layers(archive, base):
    manifest = json.load(base.extractfile("manifest.json"))[0]
    config = json.load(base.extractfile(manifest["Config"]))
    layers = []
    for name, diff_id in zip(manifest["Layers"], config["rootfs"]["diff_ids"]):
        member = base.getmember(name)
        archive.addfile(member, base.extractfile(member))
        layers.append((diff_id.removeprefix("sha256:"), name, [name]))
    return layers, config["config"].get("Env", [])


def add_customisation_layer(archive, directory, mtime):
    with open(os.path.join(directory, "checksum")) as file:
        checksum = file.read().strip()
    with open(os.path.join(directory, "layer.tar"), "rb") as file:
        member = archive.gettarinfo(fileobj=file)
        member.name, member.mtime = f"{checksum}/layer.tar", mtime
        archive.addfile(member, file)
    return checksum, member.name, [directory]


def add_bytes(archive, name, content, mtime):
    member = tarfile.TarInfo(name)
    member.size, member.mtime = len(content), mtime
    archive.addfile(member, io.BytesIO(content))


def stream(conf, output):
    created = datetime.datetime.fromisoformat(conf["created"]).isoformat()
    mtime = int(datetime.datetime.fromisoformat(conf["mtime"]).timestamp())
    config = conf["config"]
    with tarfile.open(fileobj=output, mode="w|") as archive:
        layers = []
        if conf["from_image"] is not None:
            with tarfile.open(conf["from_image"]) as base:
                layers, inherited = add_base_layers(archive, base)
            variables = {entry.split("=", 1)[0]: entry for entry in inherited + config.get("Env", [])}
            if variables:
                config["Env"] = list(variables.values())
        layers += [add_store_layer(archive, paths, conf, mtime) for paths in conf["store_layers"]]
        layers.append(add_customisation_layer(archive, conf["customisation_layer"], mtime))
        image = json.dumps({
            "created": created,
            "architecture": conf["architecture"],
            "os": "linux",
            "config": config,
            "rootfs": {"diff_ids": ["sha256:" + digest for digest, _, _ in layers], "type": "layers"},
            "history": [{"created": created, "comment": f"store paths: {paths}"} for _, _, paths in layers],
        }, indent=4).encode()
        name = hashlib.sha256(image).hexdigest() + ".json"
        add_bytes(archive, name, image, mtime)
        manifest = [{"Config": name, "RepoTags": [conf["repo_tag"]], "Layers": [path for _, path, _ in layers]}]
        add_bytes(archive, "manifest.json", json.dumps(manifest, indent=4).encode(), mtime)


if __name__ == "__main__":
    with open(sys.argv[1]) as conf_file:
        stream(json.load(conf_file), sys.stdout.buffer)
