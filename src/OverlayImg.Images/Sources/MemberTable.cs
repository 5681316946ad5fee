using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images.Archives;
using OverlayImg.Images.Layouts;

namespace OverlayImg.Images.Sources;

/// <summary>
/// The table of a tar archive's members: where the bytes of each file are. Names match after cleaning (<c>./a//b</c> is
/// <c>a/b</c>). Symbolic and hard links between members are followed: docker writes a repeated layer as a link, and
/// podman links <c>ID/layer.tar</c> to the real file.
/// </summary>
internal sealed class MemberTable : ImageFiles
{
    /// <summary>The most members of an image archive, which has a few per layer. The tar of a root file system may have more.</summary>
    public const int MaximumMembers = 1 << 18;

    /// <summary>The most links that are followed in a row; MAXSYMLINKS of Linux.</summary>
    private const int MaximumLinks = 40;

    private readonly Dictionary<ByteString, Entry> _entries = [];
    private readonly TreeBudget _budget = new();
    private readonly TarSizeLimit _limit = new(TarWriterOptions.DefaultMaximumSize);
    private readonly ByteSource _source;
    private bool _hasRootDirectory;
    private InputException? _noRootFileSystem;

    private MemberTable(ByteSource source, InputLocation where)
        : base(where) => _source = source;

    /// <inheritdoc/>
    public override string Kind => "archive";

    /// <summary>Whether the tar holds a root file system and is not an image archive.</summary>
    public bool IsRootFileSystem => _hasRootDirectory && !HasFile(DockerManifest.Name) && !HasFile(LayoutIndex.Name) && !HasFile("repositories");

    /// <param name="Type">Type of the entry; <see cref="TarTypeFlag.RegularFile"/> for sparse and contiguous files, too.</param>
    /// <param name="Offset">Byte offset of the first stored byte in the archive.</param>
    /// <param name="Length">Size of the file in bytes, including holes.</param>
    /// <param name="LinkTarget">Target of a link; empty for other types.</param>
    /// <param name="Expanded">The content of a sparse file with its holes; null for other entries.</param>
    private sealed record Entry(TarTypeFlag Type, long Offset, long Length, ByteString LinkTarget, ByteSource? Expanded);

    /// <summary>Whether an entry is a sparse file. <c>tar -S</c> packs layers of an unpacked archive as sparse files.</summary>
    public static bool IsSparse(TarEntry entry) => entry.SparseExtents is not null;

    /// <summary>Reads all headers of an archive. The table owns <paramref name="source"/> unless an exception is thrown.</summary>
    /// <exception cref="InputException">The file is not a tar, or the tar is damaged.</exception>
    public static MemberTable Read(ByteSource source, InputLocation where, CancellationToken cancellationToken) =>
        Read(source, where, takesDamaged: false, cancellationToken);

    /// <summary>Reads the headers of an archive; of a damaged archive, the headers before the damage.</summary>
    /// <exception cref="InputException">The file is not a tar, or has too many members.</exception>
    public static MemberTable ReadSound(ByteSource source, InputLocation where, CancellationToken cancellationToken) =>
        Read(source, where, takesDamaged: true, cancellationToken);

    private static MemberTable Read(ByteSource source, InputLocation where, bool takesDamaged, CancellationToken cancellationToken)
    {
        var table = new MemberTable(source, where);
        var reader = TarReader.Open(source, 0, source.Length, where);
        try
        {
            while (reader.Next(cancellationToken) is { } entry)
            {
                table._noRootFileSystem ??= RootFileSystem.ProblemWith(entry, where);
                // The table need not be complete for a root file system, whose tar is read again as a tree.
                if (table._entries.Count < MaximumMembers || !table.IsRootFileSystem) table.Add(entry);
            }
        }
        catch (InputException exception) when (table._entries.Count == 0)
        {
            throw new InputException($"is not an image archive, because it is not a tar: {exception.Message}", exception.Where, exception)
            {
                Advice = "Images come as files from 'docker save', 'podman save' or 'overlayimg pull'.",
            };
        }
        catch (InputException) when (takesDamaged && table._entries.Count < MaximumMembers)
        {
            return table;
        }

        return table;
    }

    /// <summary>Throws if a member can't be part of a root file system.</summary>
    /// <exception cref="InputException">A name contains <c>..</c>, or is the name of a whiteout.</exception>
    public void RequireRootFileSystem()
    {
        if (_noRootFileSystem is { } problem) throw problem;
    }

    /// <inheritdoc/>
    public override ArchiveMember? Find(string name)
    {
        var path = TarPath.Clean(ByteString.FromText(name));
        for (var links = 0; links <= MaximumLinks; links++)
        {
            if (!_entries.TryGetValue(path, out var entry)) return null;
            switch (entry.Type)
            {
                case TarTypeFlag.RegularFile:
                    return MemberOf(name, entry);
                case TarTypeFlag.SymbolicLink or TarTypeFlag.HardLink:
                    path = TarPath.Clean(TargetOf(path, entry));
                    break;
                default:
                    throw new InputException("is not a plain file in the archive", At(name));
            }
        }

        throw new InputException("is a link that leads in a circle", At(name));
    }

    /// <inheritdoc/>
    public override IEnumerable<ArchiveMember> Blobs()
    {
        var prefix = ByteString.FromText(ArchiveMembers.Blobs);
        return _entries
            .Where(pair => pair.Value.Type == TarTypeFlag.RegularFile && pair.Key.Span.StartsWith(prefix.Span))
            .OrderBy(pair => pair.Key)
            .Select(pair => MemberOf(System.Text.Encoding.UTF8.GetString(pair.Key.Span), pair.Value));
    }

    /// <summary>Reads the whole tar as a tree.</summary>
    /// <exception cref="InputException">The tar is damaged.</exception>
    public TarTreeResult ReadTree(CancellationToken cancellationToken) => TarTree.Read(_source, 0, _source.Length, Where, cancellationToken);

    /// <inheritdoc/>
    public override ByteSource SourceOf(ArchiveMember member) => _source;

    /// <inheritdoc/>
    public override string FileOf(ArchiveMember member) => "";

    /// <inheritdoc/>
    public override void RequireUnchanged() => _source.RequireUnchanged();

    /// <inheritdoc/>
    public override void Dispose() => _source.Dispose();

    // A root file system may have a directory with the name of a document, such as /repositories.
    private bool HasFile(string name) =>
        _entries.TryGetValue(TarPath.Clean(ByteString.FromText(name)), out var entry) && entry.Type != TarTypeFlag.Directory;

    private static ByteString TargetOf(ByteString path, Entry entry) =>
        entry.Type == TarTypeFlag.HardLink || entry.LinkTarget.Span.StartsWith("/"u8)
            ? entry.LinkTarget
            : TreePath.Join(TreePath.Parent(path), entry.LinkTarget);

    private ArchiveMember MemberOf(string name, Entry entry) => new(this, name, entry.Offset, entry.Length) { Expanded = entry.Expanded };

    private void Add(TarEntry entry)
    {
        var extents = entry.SparseExtents;
        var path = TarPath.Clean(entry.RawName);
        if (!_budget.TryTake(path.Length + entry.LinkName.Length) || !_budget.TryTakeExtents(extents?.Count ?? 0))
            throw new InputException(TreeBudget.Excess, Where with { Path = DisplayName.Of(path.Span), Offset = entry.HeaderOffset });
        _hasRootDirectory |= RootFileSystem.IsTelling(path);
        if (_entries.Count == MaximumMembers)
        {
            throw new InputException($"is not an image archive: it has more than {MaximumMembers} files", Where)
            {
                Advice = ImageSource.RootFileSystemAdvice,
            };
        }

        if (extents is not null && !_limit.TryAdd(entry.Size))
            throw _limit.Exceeded(entry.Size, Where with { Path = DisplayName.Of(path.Span), Offset = entry.HeaderOffset });
        var expanded = extents is null ? null : new ByteSource(_source.Name, new SparseContent(_source, entry.Size, [.. extents]));
        var type = entry.TypeFlag is TarTypeFlag.GnuSparse or TarTypeFlag.ContiguousFile ? TarTypeFlag.RegularFile : entry.TypeFlag;
        _entries[path] = new(type, entry.DataOffset, expanded?.Length ?? entry.StoredSize, entry.LinkName, expanded);
    }
}
