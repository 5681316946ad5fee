#!/usr/bin/env python3
"""Random closures, ordered and divided into layers by nixpkgs' popularity rules, as one JSON list.

usage: layering-reference.py COUNT
"""
import collections
import functools
import json
import random
import sys

DIGITS = "0123456789abcdfghijklmnpqrsvwxyz"


def random_closure(rng):
    count = rng.randrange(0, 30)
    names = [rng.choice(["lib", "lib-dev", "bash", "glibc-2.38", "a", "x"]) + rng.choice(["", "-1.0", "-bin"]) for _ in range(count)]
    paths = ["/nix/store/" + "".join(rng.choices(DIGITS, k=32)) + "-" + name for name in names]
    closure = []
    for index, path in enumerate(paths):
        references = {path for path in paths[:index] if rng.random() < 0.2}
        if rng.random() < 0.3:
            references.add(path)
        closure.append({"path": path, "references": sorted(references), "narSize": rng.choice([100, 100, 200, rng.randrange(1, 100_000)])})
    return sorted(closure, key=lambda info: info["path"])


def random_roots(rng, closure):
    """The nodes that nixpkgs adds for one image: its config and its customisation layer, and in older versions the list of closure roots."""
    def some():
        return [info["path"] for info in closure if rng.random() < 0.3]

    config = {"path": "base.json", "references": some(), "narSize": rng.randrange(200, 2000)}
    customisation = {"path": "customisation-layer", "references": some(), "narSize": rng.choice([11_000, rng.randrange(1, 200_000)])}
    return config, customisation, {"path": "closure", "references": ["base.json", *some()], "narSize": 0}


def without_itself(closure):
    return {info["path"]: [path for path in info["references"] if path != info["path"]] for info in closure}


def popularity(closure):
    references = without_itself(closure)

    @functools.cache
    def scores(siblings):
        total = collections.Counter()
        for sibling in siblings:
            total[sibling] += 1
            for path, score in scores(tuple(references[sibling])).items():
                total[path] += score + 1
        return total

    referred = {path for paths in references.values() for path in paths}
    total = scores(tuple(path for path in references if path not in referred))

    def by_name(path):
        first, *rest = path.split("-")
        return "-".join([*rest, first])

    return sorted(total, key=lambda path: (-total[path], by_name(path)))


def closed(start, following):
    seen, pending = set(), list(start)
    while pending:
        path = pending.pop()
        if path not in seen:
            seen.add(path)
            pending += following[path]
    return seen


def auto(closure, limit, ignored=frozenset()):
    references = {info["path"]: info["references"] for info in closure}
    users = {path: [user for user in references if path in references[user]] for path in references}
    size = {info["path"]: info["narSize"] for info in closure}
    split = {path: frozenset() for path in references}
    for large in reversed(sorted(references, key=size.get)):
        attempt = dict(split)
        attempt[large] = frozenset([large])
        needs, needed_by = closed([large], references) - {large}, closed([large], users) - {large}
        for path in needs:
            attempt[path] -= needed_by
            if not attempt[path] & needs:
                attempt[path] |= {large}
        if len(set(attempt.values())) > limit:
            break
        split = attempt
    layers = [[path for path in split if split[path] == key] for key in set(split.values())]
    # nixpkgs leaves the order of two equally large closures to chance. Here the first path decides.
    layers.sort(key=lambda paths: (sum(size[path] for path in closed(paths, references)), min(paths)))
    kept = [[path for path in paths if path not in ignored] for paths in layers]
    return [sorted(paths, key=lambda path: tuple(reversed(path.split("-", 1)))) for paths in kept if paths]


if __name__ == "__main__":
    results = []
    for seed in range(int(sys.argv[1])):
        rng = random.Random(seed)
        closure = random_closure(rng)
        config, customisation, roots = random_roots(rng, closure)
        limits = [1, 2, 3, 5, 8, 100]
        results.append({
            "closure": closure, "popularity": popularity(closure), "auto": {limit: auto(closure, limit) for limit in limits},
            "autoRoots": [config, customisation],
            "rootedAuto": {limit: auto([*closure, config, customisation], limit, {"base.json", "customisation-layer"}) for limit in limits},
            "popularityRoots": [config, roots],
            "rootedPopularity": [path for path in popularity([*closure, config, roots]) if path not in ("base.json", "closure")],
        })
    json.dump(results, sys.stdout)
