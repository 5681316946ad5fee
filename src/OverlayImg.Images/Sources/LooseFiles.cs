using OverlayImg.Images.Archives;

namespace OverlayImg.Images.Sources;

/// <summary>The files of an image without an archive: each blob is a separate file, and the files have no names.</summary>
/// <param name="where">Origin of the image, for messages.</param>
/// <param name="owner">Disposed of with this object; null if the caller owns the files.</param>
internal sealed class LooseFiles(InputLocation where, IReadOnlyCollection<ByteSource> files, IDisposable? owner) : ImageFiles(where)
{
    /// <inheritdoc/>
    public override string Kind => "image";

    /// <inheritdoc/>
    public override ArchiveMember? Find(string name) => null;

    /// <inheritdoc/>
    public override IEnumerable<ArchiveMember> Blobs() => [];

    /// <inheritdoc/>
    public override ByteSource SourceOf(ArchiveMember member) => throw new ArgumentException("No file has a name.", nameof(member));

    /// <inheritdoc/>
    public override string FileOf(ArchiveMember member) => member.Name;

    /// <inheritdoc/>
    public override void RequireUnchanged()
    {
        foreach (var file in files) file.RequireUnchanged();
    }

    /// <inheritdoc/>
    public override void Dispose() => owner?.Dispose();
}
