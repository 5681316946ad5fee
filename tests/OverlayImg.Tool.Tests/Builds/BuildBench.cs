using OverlayImg.Testing;
using OverlayImg.Tool.Tests.Judges;

namespace OverlayImg.Tool.Tests.Builds;

/// <summary>The inputs of image builds for the tests of a class, and the clients that check the images.</summary>
public sealed class BuildBench(DockerDaemon docker) : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();

    public string this[string name] => _directory[name];

    public Seeds Seeds { get; } = new();

    public DockerDaemon Docker => docker;

    /// <summary>Directory with a static busybox, files with many modes, links and unusual names.</summary>
    public string Contents => this["contents"];

    /// <summary>Directory with links to directories, and with files whose paths are in <see cref="Contents"/>, too.</summary>
    public string MoreContents => this["more"];

    /// <summary>Directory with store paths: names with common prefixes, a link, hard links, read-only modes.</summary>
    public string Store => this["store"];

    /// <summary>Archive of an image with two layers, an environment and store paths; built by dockerTools, saved by docker 20.10.</summary>
    public string DockerBase => this["docker-base.tar"];

    public async ValueTask InitializeAsync()
    {
        await Seeds.InitializeAsync();
        await Testing.Tool.BashAsync(
            """
            mkdir -p contents/bin contents/etc contents/srv/deep/er more/etc more/lib store/aaa-x/bin store/aab/lib store/aaa store/new/d
            cp /bin/busybox contents/bin/; ln -s busybox contents/bin/sh; ln contents/bin/busybox contents/bin/ls
            echo 'root:x:0:0:root:/:/bin/sh' > contents/etc/passwd; chmod 600 contents/etc/passwd; chmod 4755 contents/srv/deep
            mkdir -m 1777 contents/tmp
            n=$(printf 'n%.0s' $(seq 120)); touch contents/srv/$n contents/srv/deep/er/$n; chmod 000 contents/srv/$n; truncate -s 3M contents/srv/hole
            echo more > more/etc/passwd; ln -s lib more/lib64; echo l > more/lib/l; mkfifo -m 640 more/etc/pipe
            echo x > store/aaa-x/bin/x; ln store/aaa-x/bin/x store/aaa-x/bin/y; ln -s ../aab store/aaa/l; echo q > store/aaa/file
            echo n > store/new/d/n; chmod 444 store/aaa/file store/aaa-x/bin/x; ln -s aaa store/link; chmod -R a-w store/aaa store/aaa-x
            printf '/nix/store/aab\n/nix/store/aaa-x\n/nix/store/aaa\n/nix/store/link\n' > closure
            printf '/nix/store/new\n/nix/store/aaa-x\n' > second-closure
            """, _directory.Path);
        const string Config = """{"Cmd":["/bin/sh"],"Env":["PATH=/bin","LANG=C"],"Labels":{"a":"1"},"User":"0"}""";
        await Seeds.BuildAsync(
            new("below", "1", BaseJson(Config)) { Contents = [Contents], Closure = this["closure"], Store = Store }, this["below.tar"]);
        await Seeds.BuildAsync(
            new("base", "1", BaseJson("""{"Cmd":["/bin/sh"]}""")) { Contents = [MoreContents], From = this["below.tar"] }, this["base.tar"]);
        await Docker.RunAsync("load", "-i", this["base.tar"]);
        await Docker.RunAsync("save", "-o", DockerBase, "base:1");
    }

    public async ValueTask DisposeAsync()
    {
        await Seeds.DisposeAsync();
        _directory.Dispose();
    }

    /// <summary>Returns the baseJson of dockerTools, as builtins.toJSON writes it.</summary>
    public static string BaseJson(string config, string created = "1970-01-01T00:00:01Z") =>
        $$"""{"architecture":"amd64","config":{{config}},"created":"{{created}}","os":"linux"}""";
}
