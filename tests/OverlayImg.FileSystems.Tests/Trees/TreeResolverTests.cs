using System.Text;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.Testing;

namespace OverlayImg.FileSystems.Tests.Trees;

public sealed class TreeResolverTests
{
    /// <summary>Compares with the kernel: a process in chroot(2) resolves each path.</summary>
    [Fact]
    public async Task Every_path_resolves_as_after_chroot()
    {
        using var directory = new TemporaryDirectory();
        await Tool.BashAsync("""
            mkdir -p a/b/c d; touch a/f d/g
            ln -s b a/l; ln -s /a/b abs; ln -s ../../../../a/b/c far; ln -s far/../.. up; ln -s loop2 loop1; ln -s loop1 loop2; ln -s self/x self
            ln -s nothing gone; ln -s a/f file; ln -s a/f/ slash
            ln -s / root; ln -s . dot; ln -s dot/dot/abs/../l chain; ln -s .. a/b/up; ln -s a/l/ dirslash
            ln -s a step0; for n in {1..41}; do ln -s step$((n-1)) step$n; done
            """, directory.Path);
        var names = "a b c d f l abs far up loop1 self gone file slash root dot chain dirslash .. . step39 step40".Split(' ');
        var paths = names.Concat(names.SelectMany(first => names.Select(second => $"{first}/{second}")))
            .Concat(names.SelectMany(first => names.Select(second => $"/a/{first}//{second}/"))).ToList();

        const string judge = """
            import os, sys
            paths = sys.stdin.read().split("\n")
            os.chroot("."); os.chdir("/")
            for path in paths:
                for follow in (True, False):
                    try: print(os.stat("/" + path, follow_symlinks=follow).st_ino)
                    except OSError as error: print(error.strerror)
            """;
        var said = await Tool.RunAsync("python3", ["-c", judge], new MemoryStream(Encoding.UTF8.GetBytes(string.Join('\n', paths))), directory.Path,
            cancellationToken: TestContext.Current.CancellationToken);
        var inodes = await Tool.BashAsync("find . -printf '%i %P\\n'", directory.Path);
        var byPath = Lines(inodes).Select(line => line.Split(' ', 2)).ToDictionary(line => line[1], line => line[0]);

        var resolver = new TreeResolver(HostTree.Read(directory.Path, new(), TestContext.Current.CancellationToken));
        var expected = Lines(said.Succeeded().StandardOutput);
        Assert.Equal(paths.Count * 2, expected.Length);
        foreach (var (path, index) in paths.Select((path, index) => (path, index)))
        {
            var ours = $"{path}: {Answer(path, followLast: true)}, {Answer(path, followLast: false)}";
            Assert.Equal($"{path}: {expected[index * 2]}, {expected[index * 2 + 1]}", ours);
        }

        string Answer(string path, bool followLast)
        {
            var resolution = resolver.Resolve(ByteString.FromText(path), followLast);
            return resolution.Outcome switch
            {
                ResolutionOutcome.Found => byPath[resolution.Path.ToString()],
                ResolutionOutcome.Missing => "No such file or directory",
                ResolutionOutcome.NotADirectory => "Not a directory",
                _ => "Too many levels of symbolic links",
            };
        }
    }

    /// <summary>Compares with overlayfs.</summary>
    [Fact]
    public async Task Lower_files_are_visible_only_through_directories()
    {
        using var directory = new TemporaryDirectory();
        await Tool.BashAsync("""
            mkdir -p lower/{usr/bin,opt,both,hidden/x} upper/{usr/lib,both} work merged
            ln -s usr/bin lower/bin; ln -s ../opt lower/usr/to-opt; ln -s usr/lib upper/lib; ln -s usr upper/hidden
            touch upper/opt lower/both/l upper/both/u
            """, directory.Path);
        var paths = "bin lib usr/bin usr/lib usr/to-opt hidden/x hidden/bin hidden/lib/../bin both/l both/u opt/x bin/../lib".Split(' ');
        var judge = await Tool.BashAsync($$"""
            unshare -m bash -c 'mount -t overlay none -o lowerdir=lower,upperdir=upper,workdir=work merged
            cd merged; for path in {{string.Join(' ', paths)}}; do
              realpath -e --relative-to=. $path 2>/dev/null || echo none
            done'
            """, directory.Path);
        var (upper, lower) = (Read("upper"), Read("lower"));
        var resolver = new TreeResolver(upper, below: lower);
        var found = paths.Select(path => resolver.Resolve(ByteString.FromText(path)));
        Assert.Equal(Lines(judge), found.Select(resolution => resolution.Outcome == ResolutionOutcome.Found ? resolution.Path.ToString() : "none"));

        FileTree Read(string name) => HostTree.Read(directory[name], new() { Xattrs = false }, TestContext.Current.CancellationToken);
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
