using OverlayImg.FileSystems;
using OverlayImg.Images.Sessions;
using OverlayImg.Layers.Pure;
using OverlayImg.Layers.Scripts;
using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.PureLayers;

/// <summary>A pure layer with its inputs, and the events that were reported while it was made.</summary>
internal sealed class PreparedLayer : IDisposable, IProgress<BuildEvent>
{
    private readonly TemporaryDirectory _directory = new();
    private readonly Lifetime _lifetime = new();
    private PureLayer? _layer;

    public List<BuildEvent> Events { get; } = [];

    public FileTree Tree => _layer!.Tree;

    public IEnumerable<string> Warnings => Events.OfType<Warning>().Select(warning => warning.Text);

    /// <summary>Each notice with the one setting that the notice refers to.</summary>
    public IEnumerable<(Setting Setting, string Text)> Notices =>
        Events.OfType<Notice>().Select(notice => (Assert.Single(notice.Settings), notice.Text));

    /// <summary>The path of the scratch directory, which exists as long as the layer.</summary>
    public string Scratch => _directory["cache/tmp"];

    /// <summary>Prepares the layer of one directory. The bash script <paramref name="contents"/> makes the files of the directory.</summary>
    public static async Task<PreparedLayer> MakeAsync(
        string contents, PureLayerOptions? options = null, FileTree? mergedBase = null, string? commands = null,
        CancellationToken cancellationToken = default)
    {
        var prepared = new PreparedLayer();
        try
        {
            Directory.CreateDirectory(prepared._directory["c"]);
            await Tool.BashAsync(contents, prepared._directory["c"]);
            var script = commands is null ? null : new Script("commands", System.Text.Encoding.UTF8.GetBytes(commands));
            options = (options ?? new()) with { Contents = new([prepared._directory["c"]], true, "/nix/store"), ExtraCommands = script };
            var session = TestSession.Of(prepared._lifetime, prepared._directory["cache"], prepared, cancellationToken);
            prepared._layer = await PureLayer.PrepareAsync(options, new(mergedBase), session);
            return prepared;
        }
        catch
        {
            prepared.Dispose();
            throw;
        }
    }

    public FileNode? Find(string path) => Tree.Find(System.Text.Encoding.UTF8.GetBytes(path));

    public string Text(string path)
    {
        var content = ((RegularFileNode)Find(path)!).Content;
        var bytes = new byte[content.Length];
        content.Read(0, bytes);
        return System.Text.Encoding.UTF8.GetString(bytes);
    }

    public string Attribute(string path, string name) =>
        Find(path)!.ExtendedAttributes.Find(System.Text.Encoding.UTF8.GetBytes(name))?.ToString() ?? "none";

    public void Report(BuildEvent value)
    {
        lock (Events) Events.Add(value);
    }

    public void Dispose()
    {
        _lifetime.Dispose();
        _directory.Dispose();
    }
}
