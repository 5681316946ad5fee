using OverlayImg.FileSystems;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images.Archives;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.Streams;

namespace OverlayImg.Images.Layouts;

/// <summary>
/// Writes images into an OCI layout that is a directory (image-spec, image-layout.md): a new one, which appears whole or not at all, or one that is there, to which they are
/// added. Whatever is added lies aside until <see cref="Publish"/>; what the layout has already is not written again, but read: a blob that is not what its name says is replaced.
/// </summary>
public sealed class LayoutWriter : IDisposable
{
    private const int BufferSize = 1 << 20;
    private const string ScratchPrefix = ".overlayimg-";

    private readonly string _path;
    private readonly ScratchDirectory _scratch;
    private readonly List<LayoutEntry> _entries = [];
    private readonly Dictionary<Digest, (string Path, long Length)> _staged = [];
    private readonly HashSet<Digest> _sound = [];

    private LayoutWriter(string path, ScratchDirectory scratch) => (_path, _scratch) = (path, scratch);

    /// <summary>Prepares a layout to be written.</summary>
    /// <param name="directory">A layout; or an empty directory, or nothing yet, in a directory that exists.</param>
    /// <exception cref="InputException">Something else is there, or the directory that it would be in does not exist.</exception>
    /// <exception cref="MachineException">The place can't be written.</exception>
    public static LayoutWriter Open(string directory)
    {
        try
        {
            return Prepare(directory);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw CantBeWritten(directory, exception);
        }
    }

    /// <summary>Whether a blob need not be added: it was added before, or the layout has it; its file is hashed once.</summary>
    /// <exception cref="MachineException">The file can't be read.</exception>
    public bool Has(Digest digest, long size, CancellationToken cancellationToken)
    {
        if (_staged.ContainsKey(digest) || _sound.Contains(digest)) return true;
        return IsLayout(_path) && LayoutHas(digest, size, cancellationToken) && _sound.Add(digest);
    }

    /// <summary>Adds a blob, hashed as it is written; nothing is read where the layout has it.</summary>
    /// <param name="digest">What it must have.</param>
    /// <param name="size">Number of bytes that it must have.</param>
    /// <param name="content">The bytes; may end early or go on.</param>
    /// <param name="where">What messages call it.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="InputException">It has another size or digest: nothing is added.</exception>
    /// <exception cref="MachineException">The disk is full, or fails.</exception>
    public void Add(Digest digest, long size, Stream content, InputLocation where, CancellationToken cancellationToken)
    {
        if (Has(digest, size, cancellationToken)) return;
        var path = _scratch.NewPath(digest.Hex);
        try
        {
            using var output = FileOutputStream.Create(path, path);
            using var hashing = new HashingStream(new KeepOpenStream(content));
            var buffer = new byte[BufferSize];
            while (hashing.Count <= size && hashing.Read(buffer) is > 0 and var count)
            {
                cancellationToken.ThrowIfCancellationRequested();
                output.Write(buffer.AsSpan(0, count));
            }

            if (hashing.Count != size)
                throw new InputException(hashing.Count < size ? $"ends after {hashing.Count} of {size} bytes" : $"has more than {size} bytes", where);
            if (hashing.Digest() is var actual && actual != digest) throw new InputException($"has the digest {actual}, not {digest}", where);
            _staged.Add(digest, (path, size));
        }
        catch (Exception exception)
        {
            File.Delete(path);
            if (exception is IOException or UnauthorizedAccessException) throw CantBeWritten(_path, exception);
            throw;
        }
    }

    /// <summary>As the other one, of content that can be read at random.</summary>
    /// <exception cref="InputException">It has another digest: nothing is added.</exception>
    /// <exception cref="MachineException">The disk is full, or fails.</exception>
    public void Add(Digest digest, FileContent content, InputLocation where, CancellationToken cancellationToken)
    {
        using var stream = new FileContentStream(content);
        Add(digest, content.Length, stream, where, cancellationToken);
    }

    /// <summary>Adds a manifest or an index, byte for byte. What it names is to be added, too; readers find it only by <see cref="Refer"/> or from an index.</summary>
    public Descriptor Add(ManifestDocument document, CancellationToken cancellationToken)
    {
        Add(document.Digest, new MemoryContent(document.Bytes), document.Where, cancellationToken);
        return document.Descriptor;
    }

    /// <summary>
    /// Has <c>index.json</c> name a document that was added, or is there. Another document of the same ref name loses its entry; an entry without a name is written
    /// unless there is one for the same document.
    /// </summary>
    public void Refer(LayoutEntry entry) => _entries.Add(entry);

    /// <summary>Makes it all visible: the blobs, then the index, which readers see before or after and never between.</summary>
    /// <exception cref="InputException">The index that is there is broken.</exception>
    /// <exception cref="MachineException">The place can't be written, or another process keeps the layout locked.</exception>
    public void Publish(CancellationToken cancellationToken)
    {
        try
        {
            if (!Directory.Exists(_path) && PublishNew()) return;
            if (!IsLayout(_path)) Begin();
            using (LayoutLock.Take(_path, cancellationToken)) PublishInto();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw CantBeWritten(_path, exception);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _scratch.Dispose();

    private static LayoutWriter Prepare(string directory)
    {
        var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));
        var parent = Path.GetDirectoryName(path);
        // Whether it is a layout is looked at last: another process may make one of a free place at any moment.
        if (!IsFree(path) && !IsLayout(path))
        {
            throw new InputException("is neither an OCI layout nor an empty directory", new(directory))
            {
                Advice = "Name a layout, which has the file oci-layout, or a directory that does not exist yet.",
            };
        }

        if (IsLayout(path)) ReadIndex(path);
        else if (parent is null || !Directory.Exists(parent)) throw new InputException("can't be made: the directory that it is in does not exist", new(directory));

        // A link to an empty directory stays a link, and the directory itself what it is: it may be a mount point, or another user's.
        if (parent is null || Directory.Exists(path)) return new(path, ScratchDirectory.Create(path, ScratchPrefix));
        return new(path, ScratchDirectory.Create(parent, $".{Path.GetFileName(path)}{ScratchPrefix}"));
    }

    // Nothing is there, or a directory with nothing in it.
    private static bool IsFree(string path) => !File.Exists(path) && (!Directory.Exists(path) || IsEmpty(path));

    // But for what other runs have there at the moment, or left when they were killed.
    private static bool IsEmpty(string path) =>
        Directory.EnumerateFileSystemEntries(path).All(entry => Path.GetFileName(entry).StartsWith(ScratchPrefix, StringComparison.Ordinal));

    private static bool IsLayout(string path) => File.Exists(Path.Combine(path, LayoutIndex.VersionName));

    private static ImageIndex? ReadIndex(string path)
    {
        using var files = new LayoutDirectory(path);
        LayoutIndex.RequireVersion(files);
        return files.Has(LayoutIndex.Name) ? LayoutIndex.ReadIndex(files) : null;
    }

    private bool LayoutHas(Digest digest, long size, CancellationToken cancellationToken)
    {
        var path = Path.Combine(_path, ArchiveMembers.NameOf(digest));
        if (!RegularFile.Is(path) || RegularFile.LengthOf(path) != size) return false;
        try
        {
            using var source = RegularFile.Open(path);
            using var content = new HashingStream(new SourceRangeStream(source, 0, source.Length));
            content.Drain(cancellationToken);
            return content.Digest() == digest;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new MachineException($"{path} can't be read: {exception.Message}", exception);
        }
    }

    // Into a directory that is there: what makes it a layout comes first, and has nothing in it until the index comes last.
    private void Begin()
    {
        var version = _scratch.NewPath(LayoutIndex.VersionName);
        File.WriteAllBytes(version, OciDocuments.Version());
        try
        {
            File.Move(version, Path.Combine(_path, LayoutIndex.VersionName));
        }
        catch (IOException) when (IsLayout(_path))
        {
            // Another process was faster.
            return;
        }
    }

    // False where another process was faster: then the layout is there, and is added to.
    private bool PublishNew()
    {
        var staging = _scratch.NewPath("layout");
        MoveBlobsTo(staging);
        File.WriteAllBytes(Path.Combine(staging, LayoutIndex.VersionName), OciDocuments.Version());
        File.WriteAllBytes(Path.Combine(staging, LayoutIndex.Name), LayoutIndexUpdate.Apply(null, _entries));
        try
        {
            Directory.Move(staging, _path);
            return true;
        }
        catch (IOException) when (IsLayout(_path))
        {
            foreach (var (digest, (_, length)) in _staged) _staged[digest] = (Path.Combine(staging, ArchiveMembers.NameOf(digest)), length);
            return false;
        }
    }

    private void PublishInto()
    {
        var index = _scratch.NewPath(LayoutIndex.Name);
        File.WriteAllBytes(index, LayoutIndexUpdate.Apply(ReadIndex(_path), _entries));
        MoveBlobsTo(_path);
        File.Move(index, Path.Combine(_path, LayoutIndex.Name), overwrite: true);
    }

    private void MoveBlobsTo(string layout)
    {
        Directory.CreateDirectory(Path.Combine(layout, ArchiveMembers.Blobs));
        foreach (var (digest, (path, _)) in _staged) File.Move(path, Path.Combine(layout, ArchiveMembers.NameOf(digest)), overwrite: true);
    }

    private static MachineException CantBeWritten(string path, Exception exception) => new($"{path} can't be written: {exception.Message}", exception);
}
