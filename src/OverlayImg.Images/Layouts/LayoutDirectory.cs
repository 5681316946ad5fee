using OverlayImg.Images.Archives;
using OverlayImg.Images.Digests;

namespace OverlayImg.Images.Layouts;

/// <summary>
/// The files of an OCI layout in a directory (OCI Image Specification, image-layout). Only names of the specification
/// are opened, so that no document can name another file. Symbolic links to files are allowed, because blobs are
/// verified by their digests.
/// </summary>
internal sealed class LayoutDirectory(string path) : ImageFiles(new(path))
{
    private readonly Dictionary<string, ByteSource> _open = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public override string Kind => "layout";

    /// <summary>Whether the path is a directory with a layout's version file or index.</summary>
    public static bool IsLayout(string path) =>
        Directory.Exists(path) && (File.Exists(Path.Combine(path, LayoutIndex.VersionName)) || File.Exists(Path.Combine(path, LayoutIndex.Name)));

    /// <inheritdoc/>
    public override ArchiveMember? Find(string name) =>
        name is LayoutIndex.Name or LayoutIndex.VersionName || IsBlobName(name) ? MemberOf(name) : null;

    /// <inheritdoc/>
    public override IEnumerable<ArchiveMember> Blobs() => LayoutFiles.BlobNames(path).Where(IsFile).Select(MemberOf).OfType<ArchiveMember>();

    /// <summary>Lists the entries of the blob directory that are not files.</summary>
    public IEnumerable<string> NonFiles() => LayoutFiles.BlobNames(path).Where(name => !IsFile(name));

    /// <inheritdoc/>
    public override ByteSource SourceOf(ArchiveMember member)
    {
        lock (_open)
        {
            if (!_open.TryGetValue(member.Name, out var source)) _open.Add(member.Name, source = Open(member));
            return source;
        }
    }

    /// <inheritdoc/>
    public override string FileOf(ArchiveMember member) => member.Name;

    /// <inheritdoc/>
    public override void Release(ArchiveMember member)
    {
        lock (_open)
        {
            if (_open.Remove(member.Name, out var source)) source.Dispose();
        }
    }

    /// <inheritdoc/>
    public override void RequireUnchanged()
    {
        lock (_open)
        {
            foreach (var source in _open.Values) source.RequireUnchanged();
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        foreach (var source in _open.Values) source.Dispose();
    }

    /// <inheritdoc/>
    protected override void Read(ArchiveMember member, Span<byte> bytes)
    {
        using var source = Open(member);
        source.Read(member.Offset, bytes);
    }

    private static bool IsBlobName(string name) =>
        name.StartsWith(ArchiveMembers.Blobs, StringComparison.Ordinal) && Digest.TryParseHex(name[ArchiveMembers.Blobs.Length..], out _);

    private bool IsFile(string name) => RegularFile.Is(Path.Combine(path, name));

    private ArchiveMember? MemberOf(string name) =>
        RegularFile.LengthOf(Path.Combine(path, name)) is { } length ? new(this, name, 0, length) : null;

    private ByteSource Open(ArchiveMember member) => RegularFile.Open(Path.Combine(path, member.Name));
}
