using OverlayImg.Images.Archives;

namespace OverlayImg.Images.Sources;

/// <summary>The files of an image that has no archive: each blob is a file of its own, and no file has a name.</summary>
/// <param name="where">Where the image comes from, for messages.</param>
/// <param name="files">The open files.</param>
/// <param name="owner">Is disposed of with this; null where the files are the caller's.</param>
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
