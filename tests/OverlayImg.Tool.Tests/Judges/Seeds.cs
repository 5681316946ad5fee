using OverlayImg.Testing;

namespace OverlayImg.Tool.Tests.Judges;

/// <summary>The inputs of an image build with dockerTools.</summary>
public sealed record SeedsImage(string Name, string Tag, string BaseJson)
{
    public string[] Contents { get; init; } = [];
    public bool KeepDirlinks { get; init; }
    public string ExtraCommands { get; init; } = "";
    public long Uid { get; init; }
    public long Gid { get; init; }
    public string? From { get; init; }
    public string? Closure { get; init; }
    public string Store { get; init; } = "";
    public long Time { get; init; } = 1;
}

/// <summary>Runs the commands of dockerTools' buildImage, with TarSum of moby, to make expected archives.</summary>
public sealed class Seeds : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();

    public static string Script(string name) => Path.Combine(AppContext.BaseDirectory, "Scripts", name);

    public async ValueTask InitializeAsync() => await Testing.Tool.BashAsync(
        $"mkdir bin; GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE=${{GOCACHE:-$PWD/cache}} GOFLAGS= go build -o bin/tarsum {Script("tarsum.go")}",
        _directory.Path);

    public ValueTask DisposeAsync()
    {
        _directory.Dispose();
        return default;
    }

    /// <summary>Writes the uncompressed tar of dockerTools' buildImage.</summary>
    public async Task BuildAsync(SeedsImage image, string output)
    {
        var baseJson = _directory[$"{Path.GetFileName(output)}.json"];
        await File.WriteAllTextAsync(baseJson, image.BaseJson);
        var environment = new Dictionary<string, string?>
        {
            ["PATH"] = $"{_directory["bin"]}:{Environment.GetEnvironmentVariable("PATH")}",
            // dockerTools passes lib.toLower name.
            ["imageName"] = image.Name.ToLowerInvariant(),
            ["imageTag"] = image.Tag,
            ["baseJson"] = baseJson,
            ["SOURCE_DATE_EPOCH"] = $"{image.Time}",
            ["contents"] = string.Join(' ', image.Contents),
            ["keep"] = image.KeepDirlinks ? "K" : "k",
            ["extraCommands"] = image.ExtraCommands,
            ["uid"] = $"{image.Uid}",
            ["gid"] = $"{image.Gid}",
            ["fromImage"] = image.From,
            ["closure"] = image.Closure,
        };
        string[] command = ["bash", Script("seeds-build-image.sh"), output];
        if (image.Closure is not null) command = ["bash", Script("with-store.sh"), image.Store, .. command];
        (await Testing.Tool.RunAsync(command[0], command[1..], environment: environment)).Succeeded();
    }
}
