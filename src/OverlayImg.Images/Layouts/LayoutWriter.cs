using OverlayImg.FileSystems;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images.Archives;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.Streams;

namespace OverlayImg.Images.Layouts;

/// <summary>
/// Writes images into an OCI layout in a directory (OCI Image Specification, image-layout). A new layout is created
/// atomically; an existing layout gains the images. New blobs stay in a scratch directory until <see cref="Publish"/>.
/// Blobs that the layout has are verified instead of written again, and replaced if they are damaged.
/// </summary>
public sealed class LayoutWriter : IDisposable
{
    private const int BufferSize = 1 << 20;
    private const string ScratchPrefix = ".overlayimg-";

    private readonly string _path;
    private readonly ScratchDirectory _scratch;
    private readonly List<LayoutEntry> _entries = [];
    private readonly Dictionary<Digest, (string Path, long Length)> _staged = [];
    private readonly HashSet<Digest> _verified = [];

    private LayoutWriter(string path, ScratchDirectory scratch) => (_path, _scratch) = (path, scratch);

    /// <summary>Prepares a layout for writing.</summary>
    /// <param name="directory">Path of a layout, of an empty directory, or of a new directory whose parent exists.</param>
    /// <exception cref="InputException">The path is something else, or its parent directory does not exist.</exception>
    /// <exception cref="MachineException">The directory can't be written.</exception>
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

    /// <summary>Whether a blob was already added, or the layout has it intact. The blob's file is hashed once.</summary>
    /// <exception cref="MachineException">The blob's file can't be read.</exception>
    public bool Has(Digest digest, long size, CancellationToken cancellationToken)
    {
        if (_staged.ContainsKey(digest) || _verified.Contains(digest)) return true;
        return IsLayout(_path) && LayoutHas(digest, size, cancellationToken) && _verified.Add(digest);
    }

    /// <summary>Writes and verifies a blob. If the layout has the blob, <paramref name="content"/> is not read.</summary>
    /// <param name="digest">Expected digest.</param>
    /// <param name="size">Expected size in bytes.</param>
    /// <param name="content">The bytes, which may be fewer or more than expected; stays open.</param>
    /// <exception cref="InputException">The content has another size or digest; the blob is not added.</exception>
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

    /// <summary>Adds a blob whose content is in a file or in memory, as the other overload does.</summary>
    /// <exception cref="InputException">The content has another digest; the blob is not added.</exception>
    /// <exception cref="MachineException">The disk is full, or fails.</exception>
    public void Add(Digest digest, FileContent content, InputLocation where, CancellationToken cancellationToken)
    {
        using var stream = new FileContentStream(content);
        Add(digest, content.Length, stream, where, cancellationToken);
    }

    /// <summary>
    /// Adds a manifest or an index byte for byte. The caller also adds its blobs, and makes it visible by
    /// <see cref="Refer"/> or by an index that lists it.
    /// </summary>
    public Descriptor Add(ManifestDocument document, CancellationToken cancellationToken)
    {
        Add(document.Digest, new MemoryContent(document.Bytes), document.Where, cancellationToken);
        return document.Descriptor;
    }

    /// <summary>
    /// Adds an entry for a document to <c>index.json</c>. Another document of the same ref name loses its entry. A
    /// document has at most one unnamed entry.
    /// </summary>
    public void Refer(LayoutEntry entry) => _entries.Add(entry);

    /// <summary>Publishes the blobs and then the index, which is replaced atomically.</summary>
    /// <exception cref="InputException">The existing index is damaged.</exception>
    /// <exception cref="MachineException">The directory can't be written, or another process keeps the layout locked.</exception>
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
        // IsLayout comes last, because another process may turn an empty directory into a layout at any moment.
        if (!IsFree(path) && !IsLayout(path))
        {
            throw new InputException("is neither an OCI layout nor an empty directory", new(directory))
            {
                Advice = "Name a layout, which has the file oci-layout, or a directory that does not exist yet.",
            };
        }

        if (IsLayout(path)) ReadIndex(path);
        else if (parent is null || !Directory.Exists(parent))
            throw new InputException("can't be created: its parent directory does not exist", new(directory));

        // An empty directory is not replaced: the path may be a link, a mount point, or another user's directory.
        if (parent is null || Directory.Exists(path)) return new(path, ScratchDirectory.Create(path, ScratchPrefix));
        return new(path, ScratchDirectory.Create(parent, $".{Path.GetFileName(path)}{ScratchPrefix}"));
    }

    private static bool IsFree(string path) => !File.Exists(path) && (!Directory.Exists(path) || IsEmpty(path));

    // Scratch directories of running or killed runs do not count.
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

    // An existing directory becomes a layout by its version file, which is moved first. The layout is empty until the
    // index is moved last.
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
            // Another process made the layout in the meantime.
            return;
        }
    }

    // Returns false if another process created the layout in the meantime: then the images are added to it.
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
            foreach (var (digest, (_, length)) in _staged)
                _staged[digest] = (Path.Combine(staging, ArchiveMembers.NameOf(digest)), length);
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

    private static MachineException CantBeWritten(string path, Exception exception) =>
        new($"{path} can't be written: {HostTrouble.Reason(exception)}", exception) { Advice = HostTrouble.Advice(exception) };
}
