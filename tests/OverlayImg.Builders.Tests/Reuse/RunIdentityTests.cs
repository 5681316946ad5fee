using OverlayImg.Caching;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Locations;
using OverlayImg.Layers.Contents;
using OverlayImg.Layers.Guests;
using OverlayImg.Layers.Ready;
using OverlayImg.Layers.Reuse;
using OverlayImg.Layers.Scripts;
using OverlayImg.Sandbox.Accelerators;
using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.Reuse;

/// <summary>The identity of a run depends on every input that a script can see, and on nothing else.</summary>
public sealed class RunIdentityTests : IDisposable
{
    private const string Files = "mkdir -p d/e; echo one > d/f; ln d/f h; ln -s d l; mkfifo p; touch -hd @5 d/f l p; touch -d @5 d/e d .";

    private const string One = "sha256:1";
    private const string Two = "sha256:2";

    private static readonly Func<RunIdentity, RunIdentity>[] Changes =
    [
        run => run with { Tool = "2" },
        run => run with { GuestImage = "other" },
        run => run with { BaseLayers = null },
        run => run with { BaseLayers = [] },
        run => run with { BaseLayers = [One] },
        run => run with { BaseLayers = [Two, One] },
        run => run with { BaseLayers = [One, Two, Two] },
        run => run with { Contents = [] },
        run => run with { Contents = [run.Contents[0], run.Contents[0]] },
        run => Copy(run, new("/a")),
        run => Copy(run, new("/a/")),
        run => Copy(run, new("/a", "1")),
        run => Copy(run, new("/a", null, "1")),
        run => Copy(run, new("a")),
        run => Copy(run, new("a")) with { WorkingDirectory = "/w" },
        run => Copy(run, new("/a"), isDirectory: false),
        run => run with { Mounts = [] },
        run => run with { Certificates = Text("certificate") },
        run => run with { WithOut = true },
        run => Scripts(run, scripts => scripts with { Steps = [new("script", "echo 2"u8.ToArray())] }),
        run => Scripts(run, scripts => scripts with { Steps = [] }),
        run => Scripts(run, scripts => scripts with { Steps = [], PostMount = scripts.Steps[0] }),
        run => Scripts(run, scripts => scripts with { Steps = [], PreMount = scripts.Steps[0] }),
        run => Scripts(run, scripts => scripts with { Steps = [], PostUmount = scripts.Steps[0] }),
        run => Scripts(run, scripts => scripts with { ExtraCommands = scripts.Steps[0] }),
        run => Scripts(run, scripts => scripts with { FakeRootCommands = scripts.Steps[0] }),
        run => Scripts(run, scripts => scripts with { ShadowSetup = true }),
        run => Guest(run, guest => guest with { DiskSize = guest.DiskSize + 4096 }),
        run => Guest(run, guest => guest with { MemoryMiB = 513 }),
        run => Guest(run, guest => guest with { Cpus = 2 }),
        run => Guest(run, guest => guest with { Accelerator = AcceleratorChoice.Tcg }),
        run => Guest(run, guest => guest with { Accelerator = AcceleratorChoice.Kvm }),
        run => Guest(run, guest => guest with { Network = true }),
        run => Guest(run, guest => guest with { Environment = [] }),
        run => Guest(run, guest => guest with { Environment = [new("A", ByteString.FromText("2"))] }),
        run => Guest(run, guest => guest with { Environment = [new("AB", ByteString.FromText("1"))] }),
        run => Guest(run, guest => guest with { Mounts = [new("/any", "/b")] }),
        run => Guest(run, guest => guest with { CacheMounts = [new("a", "/c")] }),
        run => Guest(run, guest => guest with { CacheMounts = [new("b", "/c")] }),
        run => Guest(run, guest => guest with { CacheMounts = [new("a", "/d")] }),
        run => Guest(run, guest => guest with { Secrets = [new("key", default)] }),
        run => run with { BaseVariables = ["A=1"] },
        run => Scripts(run, scripts => scripts with { Steps = [.. scripts.Steps, .. scripts.Steps] }),
        run => Scripts(run, scripts => scripts with { Steps = [Script.Commands("echo 1")] }),
        run => run with { Mounts = [run.Mounts[0] with { IsFile = true }] },
        run => run with { Options = run.Options with { KeepExtendedAttributes = false } },
        run => run with { Options = run.Options with { FileTime = new(2) } },
        run => run with { Options = run.Options with { FileTime = new(1, 1) } },
        run => run with { Options = run.Options with { Ready = ReadyContents.FakeNss } },
        run => run with { Options = run.Options with { Contents = new(["a"], false, "/gnu/store") } },
    ];

    private static readonly Func<RunIdentity, RunIdentity>[] Irrelevant =
    [
        run => run,
        run => Guest(run, guest => guest with { Timeout = TimeSpan.FromSeconds(1), BootTimeout = TimeSpan.FromSeconds(2), WarmStart = false }),
        run => Guest(run, guest => guest with { ReuseWithNetwork = true }),
        run => Guest(run, guest => guest with { Mounts = [new("/other", "/a")] }),
        run => run with { WorkingDirectory = "/w" },
        run => run with { Options = run.Options with { From = new(new PathLocation("renamed.tar"), "name", "tag") } },
        run => Scripts(run, scripts => scripts with { Steps = [scripts.Steps[0] with { Name = "another name" }] }),
    ];

    // Bash commands that change the files of the contents or of the mounts.
    private static readonly string[] FileChanges =
    [
        "echo two > d/f; touch -d @5 d/f", "printf 'one' > d/f; touch -d @5 d/f", "chmod 600 d/f", "chmod g+s d/e", "touch -d @6 d/f",
        "touch -d @5.000000001 d/f", "touch -hd @6 l", "ln -sfn e l; touch -hd @5 l; touch -d @5 .", "rm h; cp -p d/f h; touch -d @5 .",
        "mv d/f d/g; touch -d @5 d", "mkdir x; touch -d @5 x .", "rm p; mknod p b 1 1; touch -d @5 p .", "rm p; mknod p b 1 2; touch -d @5 p .",
        "rm p; mknod p c 1 1; touch -d @5 p .", "rmdir d/e; touch -d @5 d", "chown 1 d/f", "chgrp 1 d/f", "setfattr -n user.a -v 1 d/f",
        "setfattr -n user.a -v 2 d/f", "setfattr -n user.b -v 1 d/f", "touch d/e/f; touch -d @5 d/e/f d/e",
    ];

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Each_input_that_a_script_can_see_changes_the_identity()
    {
        var run = await RunAsync();
        var keys = Changes.Select(change => change(run).Key(default)).Append(run.Key(default)).ToArray();
        Assert.Equal(keys.Length, keys.Distinct().Count());
    }

    [Fact]
    public async Task Inputs_that_no_script_can_see_do_not_change_the_identity()
    {
        var run = await RunAsync();
        Assert.All(Irrelevant, change => Assert.Equal(run.Key(default), change(run).Key(default)));
        // The second identity comes from new objects.
        Assert.Equal(run.Key(default), (await RunAsync("again")).Key(default));
    }

    [Fact]
    public async Task Each_change_of_a_file_changes_the_identity()
    {
        var run = await RunAsync();
        var keys = new List<Digest> { run.Key(default) };
        foreach (var (index, change) in FileChanges.Index())
        {
            var tree = await MakeAsync($"{index}", $"{Files}; {change}");
            keys.Add((run with { Contents = [Part(tree)] }).Key(default));
            keys.Add((run with { Mounts = [new(tree, IsFile: false)] }).Key(default));
        }

        Assert.Equal(keys.Count, keys.Distinct().Count());
    }

    [Fact]
    public void Field_boundaries_change_the_identity()
    {
        Digest Of(params string[] fields)
        {
            using var hash = new CanonicalHash();
            foreach (var field in fields) hash.Add(field);
            return Digest.FromHash(hash.Complete());
        }

        var large = new string('x', 100_000);
        Digest[] digests =
        [
            Of(), Of(""), Of("", ""), Of("ab"), Of("a", "b"), Of("", "ab"), Of(large), Of(large, ""), Of(large + large), Of(large, large),
        ];
        Assert.Equal(digests.Length, digests.Distinct().Count());
    }

    private async Task<RunIdentity> RunAsync(string name = "files")
    {
        var tree = await MakeAsync(name, Files);
        return new()
        {
            Options = new()
            {
                Scripts = new() { Steps = [new("script", "echo 1"u8.ToArray())] },
                Guest = new() { Environment = [new("A", ByteString.FromText("1"))], Mounts = [new("/any", "/a")] },
            },
            Tool = "1",
            GuestImage = "image",
            BaseLayers = [One, Two],
            Contents = [Part(tree)],
            Mounts = [new(tree, IsFile: false)],
        };
    }

    private async Task<FileTree> MakeAsync(string name, string script)
    {
        await Tool.BashAsync(script, Directory.CreateDirectory(_directory[name]).FullName);
        return HostTree.Read(_directory[name], new(), default);
    }

    private static RunIdentity Scripts(RunIdentity run, Func<RunScripts, RunScripts> change) =>
        run with { Options = run.Options with { Scripts = change(run.Options.Scripts) } };

    private static RunIdentity Guest(RunIdentity run, Func<GuestSettings, GuestSettings> change) =>
        run with { Options = run.Options with { Guest = change(run.Options.Guest) } };

    private static ContentsPart Part(FileTree tree) => new(new(tree, []));

    private static RunIdentity Copy(RunIdentity run, CopyTarget target, bool isDirectory = true) =>
        run with { Contents = [run.Contents[0] with { Source = new("any") { Copy = target }, IsDirectory = isDirectory }] };

    private static MemoryContent Text(string text) => new(ByteString.FromText(text).Memory);
}
