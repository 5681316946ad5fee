using OverlayImg.Caching;

namespace OverlayImg.Layers.Reuse;

/// <summary>The stored result of an earlier run. A lock keeps the result from being removed until this object is disposed of.</summary>
internal sealed class StoredResult : IDisposable
{
    private const string LayerName = "layer.tar";
    private const string OutName = "out.tar";
    private const string ReportName = "report";

    private readonly CachedEntry _entry;

    private StoredResult(CachedEntry entry, ResultReport report) => (_entry, Report) = (entry, report);

    /// <summary>The report on the layer.</summary>
    public ResultReport Report { get; }

    /// <summary>Opens the result in <paramref name="directory"/>; null if there is none, or if it was altered.</summary>
    public static StoredResult? TryOpen(string directory)
    {
        if (CachedEntry.TryOpen(directory) is not { } entry) return null;
        if (ResultReport.Parse(File.ReadAllText(entry.PathOf(ReportName))) is { } report) return new(entry, report);
        entry.Dispose();
        return null;
    }

    /// <summary>Writes a result to the empty directory <paramref name="directory"/>.</summary>
    public static void Write(string directory, ResultReport report, ByteSource layer, ByteSource? outTar, CancellationToken cancellationToken)
    {
        Copy(layer, Path.Combine(directory, LayerName), cancellationToken);
        if (outTar is not null) Copy(outTar, Path.Combine(directory, OutName), cancellationToken);
        File.WriteAllText(Path.Combine(directory, ReportName), report.ToText());
        CachedEntry.Record(directory);
    }

    /// <summary>Opens the layer's tar.</summary>
    public ByteSource OpenLayer() => ByteSource.Open(_entry.PathOf(LayerName));

    /// <summary>Copies the layer's tar to a new file.</summary>
    public void CopyLayer(string path, CancellationToken cancellationToken)
    {
        using var layer = OpenLayer();
        Copy(layer, path, cancellationToken);
    }

    /// <summary>Copies the tar with the files that hooks left in <c>out</c>. The result must include them.</summary>
    public void CopyOut(string path, CancellationToken cancellationToken)
    {
        using var outTar = ByteSource.Open(_entry.PathOf(OutName));
        Copy(outTar, path, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => _entry.Dispose();

    private static void Copy(ByteSource source, string path, CancellationToken cancellationToken)
    {
        using var copy = FileOutputStream.Create(path, path);
        copy.CopyFrom(source, 0, source.Length, cancellationToken);
    }
}
