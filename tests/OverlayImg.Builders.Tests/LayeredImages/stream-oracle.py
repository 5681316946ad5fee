#!/usr/bin/env python3
"""Makes random stores with a conf.json each, and compares archives streamed from them with those of the reference script.

usage: stream-oracle.py make DIRECTORY COUNT | check DIRECTORY COUNT
DIRECTORY gets a numbered directory with a conf.json for each store. check compares each member of out.tar beside conf.json with the reference.
"""
import hashlib
import importlib.util
import io
import json
import os
import random
import sys
import tarfile

spec = importlib.util.spec_from_file_location("reference", os.path.join(os.path.dirname(os.path.abspath(__file__)), "stream-reference.py"))
reference = importlib.util.module_from_spec(spec)
spec.loader.exec_module(reference)

NAMES = [
    b"a", b"a-b", b"a b", b"a.b", b"B", b"-rf", b"'q'", b'"', b"new\nline", b"tab\t", b"\\", b"\x01", b"*", b"\xff", b"\x80", b"\xe2\x82",
    b"\xed\xa0\x80", b"a\xff",
    "é".encode(), "日本".encode(), "\U0001f600".encode(), "\ue000".encode(), b"\xc3", b"n" * 99, b"n" * 100, b"m" * 255, ("ü" * 120).encode(),
]
MODES = [0o444, 0o555, 0o644, 0o755, 0o4755, 0o2555, 0o1777, 0o000, 0o600]
UNAMES = ["root", "", "builder", "u" * 40, "jörg"]


def content(rng):
    size = rng.choice([0, 1, 511, 512, 513, 4096, rng.randrange(100_000), rng.randrange(3_000_000)] if rng.random() < 0.3 else [0, 1, 511, 512, 513])
    return rng.randbytes(size)


def fill(rng, directory, depth, files):
    for name in rng.sample(NAMES, rng.randrange(1, 9)):
        path = os.path.join(directory, name)
        kind = rng.random()
        if kind < 0.25 and depth < 5:
            os.mkdir(path)
            fill(rng, path, depth + 1, files)
        elif kind < 0.45:
            os.symlink(rng.choice([b"../a", b"/nix/store/x", b"t" * 101, "→".encode(), b"\xfe", b"a", b"."]), path)
        elif kind < 0.6 and files:
            os.link(rng.choice(files), path, follow_symlinks=False)
        elif kind < 0.64:
            os.mkfifo(path)
        else:
            with open(path, "wb") as file:
                file.write(content(rng))
            os.chmod(path, rng.choice(MODES))
            files.append(path)
    os.chmod(directory, rng.choice([0o555, 0o755, 0o2755]))


def make_store_path(rng, store, number):
    digits = "0123456789abcdfghijklmnpqrsvwxyz"
    path = os.path.join(store, "".join(rng.choices(digits, k=32)) + f"-package-{number}")
    kind = rng.random()
    if kind < 0.15:
        os.symlink(rng.choice(["package", "/etc", store]), path)
    elif kind < 0.3:
        with open(path, "wb") as file:
            file.write(content(rng))
    else:
        os.mkdir(path)
        fill(rng, path.encode(), 0, [])
    return path


def make_tar(path, names, compression=""):
    with tarfile.open(path, "w:" + compression) as tar:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size = len(name)
            tar.addfile(member, io.BytesIO(name.encode()))


def digest(data):
    return hashlib.sha256(data).hexdigest()


def make_base(rng, directory):
    tars = []
    for number in range(rng.randrange(1, 4)):
        make_tar(os.path.join(directory, "base-layer"), [f"etc/{number}", "layer"])
        with open(os.path.join(directory, "base-layer"), "rb") as file:
            tars.append(file.read())
    config = {"architecture": "amd64", "os": "linux", "config": {},
              "rootfs": {"type": "layers", "diff_ids": ["sha256:" + digest(tar) for tar in tars]}}
    if rng.random() < 0.8:
        config["config"]["Env"] = ["PATH=/bin", "A=1", "PATH=/usr/bin", "B"]
    documents = {"config.json": json.dumps(config).encode()}
    layers = [rng.choice([f"{digest(tar)}.tar", f"{number}é/layer.tar"]) for number, tar in enumerate(tars)]
    documents["manifest.json"] = json.dumps([{"Config": "config.json", "RepoTags": None, "Layers": layers}]).encode()
    documents.update(zip(layers, tars))
    path = os.path.join(directory, "base.tar")
    with tarfile.open(path, "w", format=rng.choice([tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])) as tar:
        for name, data in documents.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return path


def make_customisation_layer(directory):
    os.mkdir(directory)
    make_tar(os.path.join(directory, "layer.tar"), ["bin/sh"])
    with open(os.path.join(directory, "layer.tar"), "rb") as file:
        checksum = digest(file.read())
    with open(os.path.join(directory, "checksum"), "w") as file:
        file.write(checksum + "\n")
    os.chmod(os.path.join(directory, "layer.tar"), 0o440)
    if os.getuid() == 0:
        os.chown(os.path.join(directory, "layer.tar"), 1, 65534)


CONFIGS = [
    {},
    {"Cmd": ["/bin/sh", "é\n\u007f\"\\/\U0001f600"], "Env": ["A=2", "C=3"], "x": [1.0, 1e16, 1e-5, 12345678901234567890, -0.0, True, None, {}, []]},
    {"Entrypoint": ["a'b"], "ExposedPorts": {"80/tcp": {}}, "Healthcheck": {"Interval": 30000000000, "ratio": 0.1}},
]


def make(directory, number):
    rng = random.Random(number)
    os.mkdir(directory)
    store = os.path.join(directory, "store")
    os.mkdir(store)
    paths = [make_store_path(rng, store, n) for n in range(rng.randrange(0, 9))]
    layers = []
    while paths:
        count = rng.randrange(1, len(paths) + 1)
        layers.append(paths[:count])
        paths = paths[count:]
    make_customisation_layer(os.path.join(directory, "it's"))
    conf = {
        "architecture": rng.choice(["amd64", "arm64"]), "os": "linux", "config": rng.choice(CONFIGS), "repo_tag": "app:1",
        "created": rng.choice(["1970-01-01T00:00:01+00:00", "2024-02-29T12:00:00.250+05:30", "2001-01-01T00:00:00Z"]),
        "mtime": rng.choice(["1970-01-01T00:00:01+00:00", "1969-12-31T00:00:00.5+00:00", "2300-01-01T00:00:00Z"]),
        "uid": rng.choice([0, "1000", 2097152, 4294967293]), "gid": rng.choice([0, 100, 3000000]),
        "uname": rng.choice(UNAMES), "gname": rng.choice(UNAMES),
        "store_dir": store, "store_layers": layers, "customisation_layer": os.path.join(directory, "it's"),
        "from_image": make_base(rng, directory) if rng.random() < 0.5 else None,
    }
    with open(os.path.join(directory, "conf.json"), "w") as file:
        json.dump(conf, file)


def members(archive):
    with tarfile.open(fileobj=archive) as tar:
        return [(member.name, member.size, digest(tar.extractfile(member).read()), member.mtime, member.mode & 0o7777,
                 member.uid, member.gid, member.uname, member.gname)
                for member in tar]


def check(directory):
    with open(os.path.join(directory, "conf.json")) as file:
        conf = json.load(file)
    expected = io.BytesIO()
    reference.stream(conf, expected)
    expected.seek(0)
    expected = members(expected)
    with open(os.path.join(directory, "out.tar"), "rb") as file:
        actual = members(file)
    # The stream script copies the headers of a base image's members, so only names, sizes and bytes of these members are compared.
    base = len(expected) - len(conf["store_layers"]) - 3
    strip = lambda listed: [entry[:3] if index < base else entry for index, entry in enumerate(listed)]
    if strip(expected) != strip(actual):
        print(f"{directory}:")
        for index, (left, right) in enumerate(zip(strip(expected), strip(actual))):
            if left != right:
                print(f"  member {index}: expected {left}, found {right}")
        print(f"  {len(expected)} members expected, {len(actual)} found")
        return False
    return True


if __name__ == "__main__":
    action, top, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    cases = [os.path.join(top, str(number)) for number in range(count)]
    if action == "make":
        for number, case in enumerate(cases):
            make(case, number)
    else:
        same = [check(case) for case in cases]
        print(f"{sum(same)} of {count} archives are the reference's")
        sys.exit(0 if all(same) else 1)
