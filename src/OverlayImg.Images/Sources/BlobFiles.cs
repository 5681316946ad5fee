namespace OverlayImg.Images;

/// <summary>Blobs that were fetched: the documents here, each layer in a file of its own.</summary>
/// <param name="where">Where they come from, for messages.</param>
/// <param name="documents">Manifest and config.</param>
/// <param name="layers">The layers' blobs by their digests; each verified against it, and open as long as this.</param>
/// <param name="owner">Is disposed of with this; null where the files are the caller's.</param>
internal sealed class BlobFiles(
    InputLocation where, IReadOnlyList<ReadOnlyMemory<byte>> documents, IReadOnlyDictionary<Digest, ByteSource> layers, IDisposable? owner = null) : ImageFiles(where)
{
    private readonly Dictionary<string, ReadOnlyMemory<byte>> _documents = documents.ToDictionary(document => ArchiveMembers.NameOf(Digest.Of(document.Span)));
    private readonly Dictionary<string, ByteSource> _layers = layers.ToDictionary(layer => ArchiveMembers.NameOf(layer.Key), layer => layer.Value);

    /// <inheritdoc/>
    public override string Kind => "image";

    /// <inheritdoc/>
    public override ArchiveMember? Find(string name) =>
        _documents.TryGetValue(name, out var document) ? new(this, name, 0, document.Length)
            : _layers.TryGetValue(name, out var layer) ? new(this, name, 0, layer.Length)
            : null;

    /// <inheritdoc/>
    public override IEnumerable<ArchiveMember> Blobs() => _layers.Keys.Order(StringComparer.Ordinal).Select(Require);

    /// <inheritdoc/>
    public override ByteSource SourceOf(ArchiveMember member) => _layers[member.Name];

    /// <inheritdoc/>
    public override string FileOf(ArchiveMember member) => member.Name;

    /// <inheritdoc/>
    public override void RequireUnchanged()
    {
        foreach (var layer in _layers.Values) layer.RequireUnchanged();
    }

    /// <inheritdoc/>
    public override void Dispose() => owner?.Dispose();

    /// <inheritdoc/>
    protected override void Read(ArchiveMember member, Span<byte> bytes)
    {
        if (_documents.TryGetValue(member.Name, out var document)) document.Span.CopyTo(bytes);
        else base.Read(member, bytes);
    }
}
