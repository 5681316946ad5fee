using OverlayImg.Testing;

namespace OverlayImg.Tool.Tests.Builds;

/// <summary>Tests of <c>--copy</c>, which puts the same files at the same places as <c>COPY</c> of a Dockerfile.</summary>
public sealed class CopyTests(InstalledTool tool) : IAsyncLifetime
{
    // Copies of docker: sources and destinations, and the owner of --chown.
    // A link to a file as destination is not among them: docker writes to the target of the link, and buildah replaces the link.
    // buildah gives missing parents the owner of --chown, and docker does so for some of them. Here such parents exist, or root owns the copy.
    private static readonly (string Source, string Destination, string? Owner)[] Copies =
    [
        ("f", "/new/deep/", null), ("f", "/new/name", null), ("f", "/exist", null), ("f", "/lib/", null), ("f", "/abs/x", null),
        ("f", "/opt/file", null), ("lf", "/links/", null), ("ld", "/linked", null), ("t.tar", "/links", null),
        ("d", "/dir", "web"), ("d", "/exist", "web"), ("d/", "/usr/lib/..", null), ("d", "/home/web/", "web:staff"), ("f", "/home/web/a", "1000"),
        ("f", "/home/web/b", "alone"), ("f", "/home/web/c", "1:staff"), ("f", "/home/web/e", ":staff"), ("f", "relative", null),
        ("d", "rel/dir/", null), ("f", ".", null), ("a:b", "/links/", null), ("d/sub", "/", null), ("g", "/new/deep/f", null),
    ];

    private readonly TemporaryDirectory _directory = new();

    public async ValueTask InitializeAsync() => await Testing.Tool.BashAsync(
        """
        mkdir -p context/d/sub context/d/old context/base/{etc,usr/lib,opt,exist/sub,home/web/sub,work}; cd context
        echo 1 > f; chmod 640 f; echo 2 > d/sub/x; ln -s sub/x d/l; chmod 700 d; chmod 750 d/sub; ln -s f lf; ln -s d ld; echo 3 > a:b; echo 4 > g
        tar -cf t.tar f; ln -s usr/lib base/lib; ln -s /usr/lib base/abs; echo file > base/opt/file
        chmod 711 base/exist; chmod 755 base/exist/sub
        printf 'root:x:0:0::/:/bin/sh\nweb:x:1000:1005::/:/bin/sh\nalone:x:77:99::/:/x\n' > base/etc/passwd
        printf 'root:x:0:\nweb:x:1009:\nstaff:x:50:\n' > base/etc/group
        """, _directory.Path);

    public ValueTask DisposeAsync()
    {
        _directory.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Copies_are_those_of_buildah()
    {
        string[] lines = [.. Copies.Select(copy => $"COPY {(copy.Owner is null ? "" : $"--chown={copy.Owner} ")}{copy.Source} {copy.Destination}")];
        await File.WriteAllLinesAsync(_directory["Dockerfile"], ["FROM scratch", "COPY base /", "WORKDIR /work", .. lines]);
        var theirs = await Testing.Tool.BashAsync(
            $$"""
            b="buildah --storage-driver=vfs --root $PWD/store --runroot $PWD/run"
            $b bud -q --isolation chroot -t copies -f Dockerfile context >&2; $b push -q copies docker-archive:image.tar; $b rmi -a -f >&2
            tar -xOf image.tar "$(tar -xOf image.tar manifest.json | jq -r '.[0].Layers[-1]')" > theirs.tar; {{List("theirs.tar")}}
            """, _directory.Path);
        string[] arguments = [.. Copies.SelectMany(copy => new[]
        {
            "--copy", $"{copy.Source.Replace(":", @"\:", StringComparison.Ordinal)}:{copy.Destination}{(copy.Owner is null ? "" : $":{copy.Owner}")}",
        })];
        (await tool.RunAsync(
            [
                "build", "-q", "--contents", "base", "--workdir", "/work", .. arguments, "--name", "a", "--tag", "1", "--format", "dockertools",
                "--keep-contents-dirlinks", "-o", "../ours.tar",
            ],
            directory: _directory["context"])).Succeeded();
        var ours = await Testing.Tool.BashAsync(
            $$"""
            tar -xOf ours.tar "$(tar -xOf ours.tar manifest.json | jq -r '.[0].Layers[-1]')" > layer.tar; {{List("layer.tar")}}
            """, _directory.Path);
        Assert.Equal(theirs, ours);
    }

    [Fact]
    public async Task A_script_in_the_guest_sees_copies_and_the_result_is_reused()
    {
        await Testing.Tool.BashAsync("tar -C context/base -cf base.tar .; cp /bin/busybox sh", _directory.Path);
        await File.WriteAllTextAsync(_directory["script"], "#!/bin/sh\n[ \"$(stat -c %u:%g /home/web/f)\" = 1000:1005 ] && cat /home/web/f > /seen\n");
        string[] run =
        [
            "root-layer", "--from", "base.tar", "--copy", "sh:/bin/sh", "--copy", "sh:/bin/stat", "--copy", "sh:/bin/cat",
            "--copy", "context/f:/home/web/:web", "--run-as-root", "script", "--reuse", "--json",
        ];
        async Task<(string Seen, bool IsReused)> RunAsync(string layer, params string[] more)
        {
            var result = (await tool.RunAsync([.. run, .. more, "-o", layer], directory: _directory.Path)).Succeeded();
            var seen = await Testing.Tool.BashAsync($"tar -xOf {layer}/layer.tar ./seen", _directory.Path);
            return (seen.Trim(), result.StandardOutput.Contains("\"none\"", StringComparison.Ordinal));
        }

        Assert.Equal(("1", false), await RunAsync("one"));
        Assert.Equal(("1", true), await RunAsync("two"));
    }

    private static string List(string tar) =>
        $"tar -tvf {tar} --numeric-owner | sed -E 's, +[0-9]+ [0-9-]+ [0-9:]+ (\\./)?, ,' | grep -v ' $' | LC_ALL=C sort";
}
