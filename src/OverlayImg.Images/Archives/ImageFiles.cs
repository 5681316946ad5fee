using OverlayImg.FileSystems;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Json;
using OverlayImg.Images.Manifests;

namespace OverlayImg.Images.Archives;

/// <summary>A file of an archive or a layout.</summary>
/// <param name="Files">The archive or layout.</param>
/// <param name="Name">As whoever names it wrote it.</param>
/// <param name="Offset">Of its first stored byte in its file.</param>
/// <param name="Length">Number of bytes, holes included.</param>
internal sealed record ArchiveMember(ImageFiles Files, string Name, long Offset, long Length)
{
    /// <summary>The expanded bytes of a member that is stored sparse; null for a member that lies in one piece.</summary>
    public ByteSource? Expanded { get; init; }

    /// <summary>What its bytes are read from; open as long as the archive or layout is.</summary>
    public ByteSource Source => Expanded ?? Files.SourceOf(this);

    /// <summary>Of its first byte in <see cref="Source"/>.</summary>
    public long SourceOffset => Expanded is null ? Offset : 0;

    /// <summary>Its bytes.</summary>
    public FileContent Content => new SourceContent(Source, SourceOffset, Length);

    /// <summary>Where it lies: the same for two names of the same bytes.</summary>
    public (string File, long Offset) Place => (Files.FileOf(this), Offset);

    /// <summary>How it is compressed, told by its first bytes.</summary>
    public CompressionFormat Compression => ArchiveFile.FormatOf(Source, SourceOffset, Length);
}

/// <summary>The files that images are kept in, by name: those of a tar, or of a directory.</summary>
/// <param name="where">The archive or layout, for messages.</param>
internal abstract class ImageFiles(InputLocation where) : IDisposable
{
    /// <summary>The place of the archive or layout itself, for messages.</summary>
    public InputLocation Where => where;

    /// <summary>What messages call it: archive or layout.</summary>
    public abstract string Kind { get; }

    /// <summary>The file, or null where there is none of this name.</summary>
    /// <exception cref="InputException">What is there is no plain file.</exception>
    public abstract ArchiveMember? Find(string name);

    /// <summary>The files below <see cref="ArchiveMembers.Blobs"/>.</summary>
    /// <exception cref="InputException">There are too many.</exception>
    public abstract IEnumerable<ArchiveMember> Blobs();

    /// <summary>Refuses files that were written to since they were opened.</summary>
    /// <exception cref="InputException">One was.</exception>
    public abstract void RequireUnchanged();

    /// <summary>Whether there is such a file.</summary>
    public bool Has(string name) => Find(name) is not null;

    /// <summary>A file that must be there.</summary>
    /// <exception cref="InputException">It is missing.</exception>
    public ArchiveMember Require(string name) =>
        Find(name) ?? throw new InputException($"is missing in the {Kind}, which names it", At(name))
        {
            Advice = $"Save the image again: without the file the {Kind} can't be used.",
        };

    /// <summary>The bytes of a small file.</summary>
    /// <exception cref="InputException">It is missing, or longer than <paramref name="maximumLength"/>.</exception>
    public byte[] ReadAll(string name, int maximumLength)
    {
        var member = Require(name);
        if (member.Length > maximumLength)
        {
            throw new InputException($"has {member.Length} bytes; more than {maximumLength} are not read", At(name));
        }

        var bytes = new byte[member.Length];
        Read(member, bytes);
        return bytes;
    }

    /// <summary>The blob that a document describes; whether it has the digest is not looked at.</summary>
    /// <exception cref="InputException">It is missing, or has another size.</exception>
    public ArchiveMember Blob(Descriptor descriptor)
    {
        var member = Require(ArchiveMembers.NameOf(descriptor.Digest));
        return member.Length == descriptor.Size ? member
            : throw new InputException(
                $"should have {descriptor.Size} bytes, as the document that names it says, but the blob has {member.Length}", At(member.Name));
    }

    /// <summary>The bytes of a small blob, verified.</summary>
    /// <exception cref="InputException">It is missing, too long, or has another size or digest.</exception>
    public byte[] ReadBlob(Descriptor descriptor, int maximumLength)
    {
        var name = Blob(descriptor).Name;
        var bytes = ReadAll(name, maximumLength);
        var actual = Digest.Of(bytes);
        return actual == descriptor.Digest ? bytes : throw new InputException($"has the digest {actual}, not the one that its name says", At(name));
    }

    /// <summary>A manifest or an index, verified.</summary>
    /// <exception cref="InputException">It is missing, or not what its descriptor says.</exception>
    public ManifestDocument ReadDocument(Descriptor descriptor) => ManifestDocument.Parse(
        ReadBlob(descriptor, ManifestDocument.MaximumLength), descriptor.MediaType, At(ArchiveMembers.NameOf(descriptor.Digest)));

    /// <summary>The place of a file, for messages.</summary>
    public InputLocation At(string name) => where with { Path = JsonInput.Printable(name) };

    /// <summary>The file of the host that the member lies in.</summary>
    public abstract ByteSource SourceOf(ArchiveMember member);

    /// <summary>What tells that file from others of the same archive or layout.</summary>
    public abstract string FileOf(ArchiveMember member);

    /// <summary>Nobody reads the member for now: a layout may have more blobs than a process may have open files.</summary>
    public virtual void Release(ArchiveMember member)
    {
    }

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>Reads the whole of a member.</summary>
    protected virtual void Read(ArchiveMember member, Span<byte> bytes) => member.Source.Read(member.SourceOffset, bytes);
}
