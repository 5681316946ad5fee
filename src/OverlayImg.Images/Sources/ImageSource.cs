using OverlayImg.FileSystems;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.Images.Archives;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Json;
using OverlayImg.Images.Layers;
using OverlayImg.Images.Layouts;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.References;
using OverlayImg.Images.Settings;

namespace OverlayImg.Images.Sources;

/// <summary>
/// An image archive (a tar as <c>docker save</c>, podman, skopeo, buildah, kaniko and nixpkgs write it), the tar of a
/// root file system, or an OCI layout in a tar or a directory. Files are read in place and not unpacked. Only a
/// compressed file is copied: it is decompressed into one temporary file.
/// </summary>
public sealed class ImageSource : IDisposable
{
    internal const string RootFileSystemAdvice = "For the tar of a root file system, write rootfs:PATH.";
    private readonly ImageFiles _files;

    private ImageSource(ImageFiles files, IReadOnlyList<ImageEntry> entries) => (_files, Entries) = (files, entries);

    /// <summary>Digest of the tar of a root file system; null for any other source.</summary>
    public Digest? RootFileSystemDigest { get; private init; }

    /// <summary>The images, at least one, in the order of the table of contents.</summary>
    public IReadOnlyList<ImageEntry> Entries { get; }

    /// <summary>All images, read; of a multi-platform image, the image for the host.</summary>
    /// <exception cref="InputException">An image is broken, or is not for the host's platform.</exception>
    public IReadOnlyList<Image> Images => ImagesFor(null);

    /// <summary>Opens an archive or the directory of a layout, and reads its table of contents but no layers.</summary>
    /// <param name="path">A file, a pipe, the directory of a layout, or <c>-</c> for standard input.</param>
    /// <param name="scratch">Directory for decompressed files and for copies of pipes; must outlive the source.</param>
    /// <exception cref="InputException">The path does not exist, is neither an archive nor a layout, or is damaged.</exception>
    /// <exception cref="MachineException">The decompressed file needs more space, or a library, that the host lacks.</exception>
    public static Task<ImageSource> OpenAsync(string path, ScratchDirectory scratch, CancellationToken cancellationToken) =>
        OpenAsync(path, new(), scratch, cancellationToken);

    /// <summary>Opens an archive or the directory of a layout, with options for its format and platform.</summary>
    /// <param name="path">A file, a pipe, the directory of a layout, or <c>-</c> for standard input.</param>
    /// <param name="scratch">Directory for decompressed files and for copies of pipes; must outlive the source.</param>
    /// <exception cref="InputException">The path does not exist, is neither an archive nor a layout, or is damaged.</exception>
    /// <exception cref="MachineException">The decompressed file needs more space, or a library, that the host lacks.</exception>
    public static Task<ImageSource> OpenAsync(string path, ArchiveReading reading, ScratchDirectory scratch, CancellationToken cancellationToken) =>
        Task.Run(() =>
        {
            using var standardInput = Console.OpenStandardInput();
            return Open(path, standardInput, new(scratch, SpoolLimits.Default), cancellationToken, reading);
        }, cancellationToken);

    /// <summary>Opens the directory of an OCI layout and reads its table of contents.</summary>
    /// <exception cref="InputException">The directory does not exist, is no layout, or is damaged.</exception>
    public static ImageSource OpenLayout(string directory)
    {
        if (!Directory.Exists(directory))
        {
            throw new InputException(File.Exists(directory) ? "is a file; an OCI layout is a directory" : "does not exist", new(directory))
            {
                Advice = File.Exists(directory) ? "Give the path of an archive without 'oci:'." : "Check the path.",
            };
        }

        if (!LayoutDirectory.IsLayout(directory)) throw new InputException("is no OCI layout: it has no index.json", new(directory));
        return Open(new LayoutDirectory(directory));
    }

    /// <summary>Makes a source of one image whose blobs are separate files.</summary>
    /// <param name="where">Origin of the image, for messages.</param>
    /// <param name="files">The open files of the image's blobs, which must not change.</param>
    /// <param name="owner">Disposed of with the source; null if the caller owns the files.</param>
    internal static ImageSource Of(InputLocation where, Image image, IReadOnlyCollection<ByteSource> files, IDisposable? owner = null) =>
        new(new LooseFiles(where, files, owner), [new ReadEntry(image)]);

    /// <summary>Makes a source of an image without names and manifest: the empty image, or the tar of a root file system.</summary>
    /// <param name="where">Origin of the image, for messages.</param>
    /// <param name="layers">The uncompressed layers by diff ID, bottom first.</param>
    /// <param name="owner">Disposed of with the source; null if the caller owns the layers.</param>
    internal static ImageSource OfConfig(
        InputLocation where, ReadOnlyMemory<byte> config, IReadOnlyDictionary<Digest, ByteSource> layers, IDisposable? owner)
    {
        Layer[] read = [.. layers.Select(layer => new Layer(
            new SourceContent(layer.Value, 0, layer.Value.Length), CompressionFormat.None, layer.Key, layer.Key, where))];
        return new(new LooseFiles(where, [.. layers.Values], owner), [new ReadEntry(new([], ImageConfig.Parse(config, where), read))])
        {
            RootFileSystemDigest = layers.Keys.SingleOrDefault(),
        };
    }

    internal static ImageSource Open(
        string path, Stream standardInput, Spool spool, CancellationToken cancellationToken, ArchiveReading? reading = null)
    {
        reading ??= new();
        if (path != ArchiveFile.StandardInput && LayoutDirectory.IsLayout(path)) return OpenLayout(path);
        var source = ArchiveFile.Open(path, standardInput, spool, cancellationToken);
        try
        {
            var where = ArchiveFile.PlaceOf(path);
            var members = MemberTable.Read(source, where, cancellationToken);
            if (!members.IsRootFileSystem && reading.Form != ArchiveForm.RootFileSystem) return Open(members, reading.Form == ArchiveForm.Layout);
            members.RequireRootFileSystem();
            return RootFileSystem.Open(source, where, reading, cancellationToken);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Reads all images; of a multi-platform image, the image for <paramref name="platform"/> (null: the host's platform).
    /// Artifacts, such as signatures, are left out.
    /// </summary>
    /// <exception cref="InputException">An image is broken, or is not for the platform.</exception>
    public IReadOnlyList<Image> ImagesFor(Platform? platform) => [.. RealEntries().Select(entry => entry.Load(platform))];

    /// <summary>
    /// Selects an image by its name, its tag, or both, as the archive writes them; without name and tag, the first image.
    /// If no image matches exactly, <c>debian</c> also matches the names that podman and skopeo write for it
    /// (<c>docker.io/library/debian</c>, <c>localhost/debian</c>), and the other way round.
    /// </summary>
    /// <param name="name">The name; null for any. <c>NAME:TAG</c> is split if <paramref name="tag"/> is null.</param>
    /// <param name="tag">The tag; null for any.</param>
    /// <param name="platform">The platform of the image; null for any, and for the host's platform in a multi-platform image.</param>
    /// <param name="warning">A sentence for the user about the selection, or null.</param>
    /// <exception cref="InputException">No image matches, several images match, or the image is not for Linux or the platform.</exception>
    public Image Select(string? name, string? tag, Platform? platform, out string? warning)
    {
        var entry = SelectEntry(name, tag, out warning);
        var image = entry.Load(platform);
        image.Config.RequireLinux();
        return image;
    }

    /// <summary>Selects an image like <see cref="Select"/>, without reading its config.</summary>
    /// <exception cref="InputException">No image matches, or several images match.</exception>
    public ImageEntry SelectEntry(string? name, string? tag, out string? warning)
    {
        warning = null;
        // The text after oci:PATH: and oci-archive:PATH: is compared with the whole ref.name annotation, which may be no tag.
        if (name is null && tag is not null && Entries.Where(entry => entry.RefNames.Contains(tag)).Take(2).ToArray() is [var named]) return named;
        if (name is null && tag is not null && !ReferenceGrammar.IsTag(tag)) (name, tag) = (tag, null);
        if (name is not null && tag is null && ImageReference.Parse(name) is { Tag.Length: > 0 } full) (name, tag) = (full.Name, full.Tag);
        if (name is not null || tag is not null) return Find(name, tag);
        var entries = RealEntries();
        if (entries.Count > 1) warning = $"{_files.Where} holds {entries.Count} images; the first one is used: {DisplayNameOf(entries[0])}.";
        return entries[0];
    }

    /// <summary>Reads a manifest or an index of the layout and verifies its size and digest.</summary>
    /// <exception cref="InputException">The document is missing, or differs from its descriptor.</exception>
    public ManifestDocument ReadDocument(Descriptor descriptor) => _files.ReadDocument(descriptor);

    /// <summary>Reads the image of one of the layout's manifests, but none of the image's layers.</summary>
    /// <exception cref="InputException">The manifest describes no image, or its config or a layer is missing or broken.</exception>
    public Image ReadImage(ImageManifest manifest) => LayoutImage.Read(manifest, _files, []);

    /// <summary>Opens a blob of the layout. The size of the blob is verified, its digest is not.</summary>
    /// <exception cref="InputException">The blob is missing, or has another size.</exception>
    public FileContent OpenBlob(Descriptor descriptor) => _files.Blob(descriptor).Content;

    /// <summary>
    /// Throws if a file was written to since it was opened: the verified bytes may then differ from the used bytes.
    /// </summary>
    /// <exception cref="InputException">A file was written to.</exception>
    public void RequireUnchanged() => _files.RequireUnchanged();

    /// <inheritdoc/>
    public void Dispose() => _files.Dispose();

    /// <summary>
    /// Reads all members as a tree, to copy them into another archive. Null if a copy would be read differently: the
    /// archive has members of an OCI layout, which some readers prefer to manifest.json, or links without a target.
    /// </summary>
    internal FileTree? ReadMembers(CancellationToken cancellationToken)
    {
        if (_files is not MemberTable table) return null;
        var members = table.ReadTree(cancellationToken);
        var isPlain = members.UnresolvedLinks.Count == 0 && members.Tree.Find("oci-layout"u8) is null && members.Tree.Find("blobs"u8) is null;
        return isPlain ? members.Tree : null;
    }

    private static ImageSource Open(ImageFiles files, bool asLayout = false) => new(files, ReadEntries(files, asLayout));

    private static IReadOnlyList<ImageEntry> ReadEntries(ImageFiles files, bool asLayout)
    {
        // In an archive of both formats, manifest.json has the more complete names. podman prefers manifest.json, too.
        if (files.Has(DockerManifest.Name) && !(asLayout && files.Has(LayoutIndex.Name)))
            return [.. new DockerManifest(files).Read().Select(image => new ReadEntry(image))];
        if (files.Has(LayoutIndex.Name)) return LayoutIndex.Read(files);
        if (files is LayoutDirectory) throw new InputException("is no OCI layout: it has no index.json", files.Where);
        if (!files.Has("repositories"))
        {
            const string Problem = "is a tar, but not an image archive: it has neither manifest.json nor index.json";
            throw new InputException(Problem, files.Where) { Advice = RootFileSystemAdvice };
        }

        throw new InputException("was written by a Docker older than 1.10, whose archives are not supported", files.Where)
        {
            Advice = "Load the archive into a Docker before version 29 and save it again.",
        };
    }

    private IReadOnlyList<ImageEntry> RealEntries()
    {
        ImageEntry[] real = Entries.Count == 1 ? [] : [.. Entries.Where(entry => !entry.IsArtifact)];
        return real.Length > 0 ? real : Entries;
    }

    // Only an entry without names and descriptors is loaded, because other images may be broken.
    private static string DisplayNameOf(ImageEntry entry) => entry switch
    {
        { References.Count: > 0 } => string.Join(", ", entry.References),
        { Descriptors: [var first, ..] } => $"{first.Digest} (no name)",
        _ => entry.Load(null).DisplayName,
    };

    private ImageEntry Find(string? name, string? tag)
    {
        ImageEntry[] matches = [.. Entries.Where(entry => entry.References.Any(reference => reference.Matches(name, tag)))];
        if (matches.Length == 0) matches = [.. Entries.Where(entry => entry.References.Any(reference => reference.MatchesFamiliarly(name, tag)))];
        if (matches.Length == 1) return matches[0];
        var wanted = (name, tag) switch
        {
            (null, _) => $"with the tag {JsonInput.Printable(tag!)}",
            (_, null) => $"with the name {JsonInput.Printable(name)}",
            _ => JsonInput.Printable($"{name}:{tag}")
        };
        var problem = matches.Length == 0 ? $"holds no image {wanted}" : $"holds several images {wanted}";
        var choices = string.Join("; ", (matches.Length == 0 ? Entries : matches).Take(20).Select(DisplayNameOf));
        throw new InputException(problem, _files.Where)
        {
            Advice = matches.Length == 0 ? $"It holds: {choices}."
                : new Advice($"They are: {choices}. Choose one by name and tag.", ImageSetting.Name, ImageSetting.Tag),
        };
    }
}
