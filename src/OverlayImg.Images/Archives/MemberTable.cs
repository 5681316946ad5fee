using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;

namespace OverlayImg.Images;

/// <summary>A file in an archive.</summary>
/// <param name="Name">As whoever names it wrote it.</param>
/// <param name="Offset">Of its first byte in the archive.</param>
/// <param name="Length">Number of bytes.</param>
internal sealed record ArchiveMember(string Name, long Offset, long Length);

/// <summary>
/// Where in an archive its files are. Names match after cleaning (<c>./a//b</c> is <c>a/b</c>), and symbolic and hard links between members are
/// followed: docker writes a layer that comes again as a link, podman links <c>ID/layer.tar</c> to the real one.
/// </summary>
internal sealed class MemberTable
{
    /// <summary>An image archive has a few members per layer; the tar of a root file system may have more than this.</summary>
    public const int MaximumMembers = 1 << 18;

    /// <summary>As the kernel (MAXSYMLINKS).</summary>
    private const int MaximumLinks = 40;

    private readonly Dictionary<ByteString, Entry> _entries = [];
    private readonly ByteSource _source;

    private MemberTable(ByteSource source, InputLocation where) => (_source, Archive) = (source, where);

    /// <summary>The place of the archive itself, for messages.</summary>
    public InputLocation Archive { get; }

    private sealed record Entry(TarTypeFlag Type, long Offset, long Length, ByteString LinkTarget);

    /// <summary>Reads all headers of the archive.</summary>
    /// <exception cref="InputException">It is no tar, or a broken one.</exception>
    public static MemberTable Read(ByteSource source, InputLocation where, CancellationToken cancellationToken) =>
        Read(source, where, takesBroken: false, cancellationToken);

    /// <summary>
    /// As <see cref="Read(ByteSource, InputLocation, CancellationToken)"/>, but of a broken archive takes what comes before the break.
    /// </summary>
    /// <exception cref="InputException">It is no tar at all, or has too many files.</exception>
    public static MemberTable ReadSound(ByteSource source, InputLocation where, CancellationToken cancellationToken) =>
        Read(source, where, takesBroken: true, cancellationToken);

    private static MemberTable Read(ByteSource source, InputLocation where, bool takesBroken, CancellationToken cancellationToken)
    {
        var table = new MemberTable(source, where);
        var reader = TarReader.Open(source, 0, source.Length, where);
        try
        {
            while (reader.Next(cancellationToken) is { } entry) table.Add(entry);
        }
        catch (InputException exception) when (table._entries.Count == 0)
        {
            throw new InputException($"is not an image archive, because it is not a tar: {exception.Message}", exception.Where, exception)
            {
                Advice = "Images come as files from 'docker save', 'podman save' or 'skopeo copy'.",
            };
        }
        catch (InputException) when (takesBroken && table._entries.Count < MaximumMembers)
        {
            return table;
        }

        return table;
    }

    /// <summary>Whether there is such a file.</summary>
    public bool Has(string name) => Find(name) is not null;

    /// <summary>The file, or null where there is none of this name.</summary>
    /// <exception cref="InputException">Links that lead in a circle; or what is there is no plain file.</exception>
    public ArchiveMember? Find(string name)
    {
        var path = TarPath.Clean(ByteString.FromText(name));
        for (var links = 0; links <= MaximumLinks; links++)
        {
            if (!_entries.TryGetValue(path, out var entry)) return null;
            switch (entry.Type)
            {
                case TarTypeFlag.RegularFile:
                    return new(name, entry.Offset, entry.Length);
                case TarTypeFlag.SymbolicLink or TarTypeFlag.HardLink:
                    path = TarPath.Clean(TargetOf(path, entry));
                    break;
                default:
                    throw new InputException("is not a plain file in the archive", At(name));
            }
        }

        throw new InputException("is a link that leads in a circle", At(name));
    }

    /// <summary>The files whose names begin with <paramref name="prefix"/>, which is clean; links are not among them. Sorted by name.</summary>
    public IEnumerable<ArchiveMember> FilesIn(ByteString prefix) => _entries
        .Where(pair => pair.Value.Type == TarTypeFlag.RegularFile && pair.Key.Span.StartsWith(prefix.Span))
        .OrderBy(pair => pair.Key)
        .Select(pair => new ArchiveMember(System.Text.Encoding.UTF8.GetString(pair.Key.Span), pair.Value.Offset, pair.Value.Length));

    /// <summary>The bytes of a file that must be there.</summary>
    /// <exception cref="InputException">It is missing, or longer than <paramref name="maximumLength"/>.</exception>
    public byte[] ReadAll(string name, int maximumLength)
    {
        var member = Require(name);
        if (member.Length > maximumLength)
        {
            throw new InputException($"has {member.Length} bytes; more than {maximumLength} are not read", At(name));
        }

        var bytes = new byte[member.Length];
        _source.Read(member.Offset, bytes);
        return bytes;
    }

    /// <summary>A file that must be there.</summary>
    /// <exception cref="InputException">It is missing.</exception>
    public ArchiveMember Require(string name) =>
        Find(name) ?? throw new InputException("is missing in the archive, which names it", At(name))
        {
            Advice = "The archive is incomplete: save the image again.",
        };

    /// <summary>The place of a member, for messages.</summary>
    public InputLocation At(string name) => Archive with { Path = JsonInput.Printable(name) };

    private static ByteString TargetOf(ByteString path, Entry entry) =>
        entry.Type == TarTypeFlag.HardLink || entry.LinkTarget.Span.StartsWith("/"u8)
            ? entry.LinkTarget
            : TreePath.Join(TreePath.Parent(path), entry.LinkTarget);

    private void Add(TarEntry entry)
    {
        if (_entries.Count == MaximumMembers)
        {
            throw new InputException($"is not an image archive: it has more than {MaximumMembers} files", Archive)
            {
                Advice = DockerArchive.RootFileSystemAdvice,
            };
        }

        _entries[TarPath.Clean(entry.RawName)] = new(entry.TypeFlag, entry.DataOffset, entry.StoredSize, entry.LinkName);
    }
}
