using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images.Overlay;
using OverlayImg.Testing;

namespace OverlayImg.Images.Tests;

/// <summary>
/// Compares layers with the kernel's overlayfs, which makes the upper directories and shows the expected result as a
/// mount.
/// </summary>
public sealed class KernelOverlayTests
{
    /// <summary>A Python program that makes random files and random changes: <c>DIRECTORY SEED COUNT</c>.</summary>
    private const string RandomChanges = """
        import os, random, shutil, sys
        r = random.Random(int(sys.argv[2])); os.chdir(sys.argv[1]); os.umask(0)
        names = 'abc'
        paths = [p for x in names for p in [x] + [x + '/' + y for y in names] + [x + '/' + y + '/' + z for y in names for z in 'ab']]
        def write(p, mode):
            if os.path.lexists(p) and not os.path.isfile(p): return  # a pipe would block, and a device obey
            with open(p, mode) as f: f.write('%d\n' % r.randrange(10**6))
        def link(p, q):
            if os.path.isfile(p) or os.path.islink(p): os.link(p, q)  # GNU tar, which carries the upper here, does not link devices
        def remove(p): shutil.rmtree(p) if os.path.isdir(p) and not os.path.islink(p) else os.unlink(p)
        def remake(p): mode = r.choice([0o700, 0o755]); remove(p); os.mkdir(p, mode)
        def deep(p): os.makedirs(p); write(p + '/' + r.choice(names), 'w')
        def change(p, q):
            return r.choice([lambda: write(p, 'w'), lambda: write(p, 'a'), lambda: os.mkdir(p, r.choice([0o700, 0o755])), lambda: os.mkdir(p),
                lambda: deep(p), lambda: remove(p), lambda: remake(p), lambda: os.rename(p, q), lambda: shutil.move(p, q), lambda: link(p, q),
                lambda: os.symlink(q, p), lambda: os.chmod(p, r.choice([0o600, 0o4711])),
                lambda: os.chown(p, r.randrange(9), 4294967294, follow_symlinks=False),
                lambda: os.mknod(p, 0o020600, os.makedev(1, r.choice([3, 5, 7]))), lambda: os.mkfifo(p),
                lambda: os.setxattr(p, 'user.' + r.choice(names), b'\xff\x00v'), lambda: os.removexattr(p, 'user.a'),
                lambda: os.utime(p, (5, r.randrange(100)))])
        for _ in range(int(sys.argv[3])):
            try: change(r.choice(paths), r.choice(paths))()
            except (OSError, shutil.Error): pass
        """;

    private const int Seeds = 25;

    /// <summary>
    /// A Python program that runs another program once for each seed: <c>PROGRAM SEEDS ARGUMENTS...</c>. The seed
    /// replaces <c>SEED</c> in the arguments. The output goes to <c>SEED/seen</c>.
    /// </summary>
    private const string ForEachSeed = """
        import contextlib, os, sys
        home, program, seeds, arguments = os.getcwd(), open(sys.argv[1]).read(), int(sys.argv[2]), sys.argv[3:]
        for seed in range(1, seeds + 1):
            os.chdir(home)
            sys.argv[1:] = [argument.replace('SEED', str(seed)) for argument in arguments]
            with open('%d/seen' % seed, 'w') as seen, contextlib.redirect_stdout(seen): exec(program, {})
        """;

    [Fact]
    public async Task A_layer_made_from_the_kernels_upper_directory_reproduces_the_mount()
    {
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(directory["changes.py"], RandomChanges, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(directory["list.py"], DirectoryListing.Program, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(directory["each.py"], ForEachSeed, TestContext.Current.CancellationToken);
        await InNamespaceAsync(directory, $"""
            seeds=$(seq {Seeds})
            for seed in $seeds; do mkdir -p $seed t/$seed/lower t/$seed/upper t/$seed/work t/$seed/mnt; done
            python3 each.py changes.py {Seeds} t/SEED/lower SEED 80
            for seed in $seeds; do {MountIn("t/$seed")}; done
            python3 each.py changes.py {Seeds} t/SEED/mnt SEED000 60
            python3 each.py list.py {Seeds} t/SEED/mnt
            for seed in $seeds; do {PackIn("t/$seed", "$seed")}; done
            """);
        for (var seed = 1; seed <= Seeds; seed++) Check(directory[$"{seed}"]);
    }

    [Theory]
    [InlineData("mkdir d; echo x > d/x; mkdir -p d/s/t; echo y > d/s/t/y", "rm -r d; mkdir d; mkdir d/s; echo n > d/n")]
    [InlineData("mkdir d; echo x > d/x", "rm -r d; echo file > d")]
    [InlineData("mkdir d; echo x > d/x", "rm -r d; ln -s / d")]
    [InlineData("mkdir d; echo x > d/x", "rm -r d; ln -s / d; rm d; mkdir d")]
    [InlineData("mkdir d; echo x > d/x", "mv d e")]
    [InlineData("mkdir d; echo x > d/x", "touch d/y; rm d/y; mkdir d/z; rmdir d/z; chmod 700 d; chmod 755 d")]
    [InlineData("mkdir d; chmod 755 d", "touch d")]
    [InlineData("echo x > x; ln x y; ln x z", "echo more >> x; ln y w")]
    [InlineData("mkdir dev; mknod dev/null c 1 3", "rm dev/null; mknod dev/zero c 1 5; mknod dev/null c 1 3; mknod dev/b b 7 0")]
    [InlineData("echo x > x", "setcap cap_net_raw+ep x; setfattr -n user.a -v b x; setfacl -m u:7:rw x; mkdir d; setfacl -d -m g:8:rx d")]
    [InlineData("echo x > '-dash'; echo x > 'a b'; echo y > \"q'\\\"\\$(id)\"",
        "rm -- '-dash' 'a b'; echo z > $'new\\nline'; echo q > \"q'\\\"\\$(id)\"")]
    public async Task Changes_that_other_tools_got_wrong_are_reproduced(string before, string changes)
    {
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(directory["list.py"], DirectoryListing.Program, TestContext.Current.CancellationToken);
        await InNamespaceAsync(directory, $"""
            mkdir t/lower t/upper t/work t/mnt
            (cd t/lower; {before})
            {MountIn("t")}
            (cd t/mnt; {changes})
            python3 list.py t/mnt > seen
            {PackIn("t", ".")}
            """);
        Check(directory.Path);
    }

    // Runs a script with an empty directory t, a tmpfs in a mount namespace that ends with the script.
    private static Task<string> InNamespaceAsync(TemporaryDirectory directory, string script) => Tool.BashAsync($$"""
        unshare -m bash -euo pipefail -c "$(cat <<'END'
        mkdir t; mount -t tmpfs -o nodev tmpfs t
        {{script}}
        END
        )"
        """, directory.Path);

    private static string MountIn(string root) =>
        "mount -t overlay overlay -o " +
            $"nodev,lowerdir={root}/lower,upperdir={root}/upper,workdir={root}/work,redirect_dir=off,metacopy=off,index=off,xino=off {root}/mnt";

    // A script that packs the lower and the upper directory into lower.tar and upper.tar.
    private static string PackIn(string root, string place) =>
        $"umount {root}/mnt; for tree in lower upper; do " +
            $"tar --format=pax --xattrs --xattrs-include='*' -C {root}/$tree -cf {place}/$tree.tar .; done";

    /// <summary>
    /// Makes a layer from <c>lower.tar</c> and <c>upper.tar</c>, and compares the merged result with <c>seen</c>, the
    /// listing of the mount.
    /// </summary>
    private static void Check(string directory)
    {
        using var lowerSource = ByteSource.Open(Path.Combine(directory, "lower.tar"));
        using var upperSource = ByteSource.Open(Path.Combine(directory, "upper.tar"));
        var lower = Read(lowerSource);
        var layer = UpperDiff.Compute(Read(upperSource), lower);
        Assert.Empty(layer.Warnings);
        foreach (var (path, _) in layer.Tree.Walk())
        {
            var name = TreePath.Name(path);
            if (name.Span.StartsWith(".wh."u8)) Assert.NotNull(lower.Find(TreePath.Join(TreePath.Parent(path), WhiteoutName.TargetOf(name)).Span));
        }

        // The layer is written to a tar and read back, like the layer of an image.
        using var tar = new MemoryStream();
        TarTreeWriter.Write(layer.Tree, tar, new(), TestContext.Current.CancellationToken);
        File.WriteAllBytes(Path.Combine(directory, "layer.tar"), tar.ToArray());
        using var layerSource = ByteSource.Open(Path.Combine(directory, "layer.tar"));
        var overlay = OverlayLayer.FromTar(TarTree.Read(layerSource, 0, layerSource.Length, new("layer.tar"), TestContext.Current.CancellationToken),
            new("layer.tar"), TestContext.Current.CancellationToken);
        Assert.Equal(File.ReadAllLines(Path.Combine(directory, "seen")),
            TreeListing.Of(LayerStack.Merge([lower, overlay.Tree], TestContext.Current.CancellationToken)));
    }

    private static FileTree Read(ByteSource source) =>
        TarTree.Read(source, 0, source.Length, new(source.Name), TestContext.Current.CancellationToken).Tree;
}
