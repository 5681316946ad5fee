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
/// An image archive (a tar as <c>docker save</c>, podman, skopeo, buildah, kaniko and nixpkgs write it), the tar of a root file system, or an OCI layout, in a tar or a directory. Read where it lies: nothing
/// is unpacked, and only what is compressed is copied (decompressed, into one temporary file).
/// </summary>
public sealed class ImageSource : IDisposable
{
    internal const string RootFileSystemAdvice = "If it is the tar of a root file system, name it so: rootfs:PATH.";
    private readonly ImageFiles _files;

    private ImageSource(ImageFiles files, IReadOnlyList<ImageEntry> entries) => (_files, Entries) = (files, entries);

    /// <summary>The digest of the tar where the source is the tar of a root file system; else null.</summary>
    public Digest? RootFileSystemDigest { get; private init; }

    /// <summary>The images in it, in its order, as the table of contents has them; at least one.</summary>
    public IReadOnlyList<ImageEntry> Entries { get; }

    /// <summary>All of them, read; of an image for several platforms that for this machine.</summary>
    /// <exception cref="InputException">One is broken, or not for this machine.</exception>
    public IReadOnlyList<Image> Images => ImagesFor(null);

    /// <summary>Opens an archive, or a directory that is a layout, and reads its table of contents, no layers.</summary>
    /// <param name="path">A file, a pipe, a layout's directory, or <c>-</c> for standard input.</param>
    /// <param name="scratch">Where what is compressed or comes from a pipe is kept; must live longer than the source.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="InputException">It is not there, neither archive nor layout, or a broken one.</exception>
    /// <exception cref="MachineException">No space for what must be decompressed, or no library to do it.</exception>
    public static Task<ImageSource> OpenAsync(string path, ScratchDirectory scratch, CancellationToken cancellationToken) =>
        OpenAsync(path, new(), scratch, cancellationToken);

    /// <summary>Opens an archive, or a directory that is a layout, in a form that was asked for.</summary>
    /// <param name="path">A file, a pipe, a layout's directory, or <c>-</c> for standard input.</param>
    /// <param name="reading">How the file is read.</param>
    /// <param name="scratch">Where what is compressed or comes from a pipe is kept; must live longer than the source.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="InputException">It is not there, neither archive nor layout, or a broken one.</exception>
    /// <exception cref="MachineException">No space for what must be decompressed, or no library to do it.</exception>
    public static Task<ImageSource> OpenAsync(string path, ArchiveReading reading, ScratchDirectory scratch, CancellationToken cancellationToken) =>
        Task.Run(() =>
        {
            using var standardInput = Console.OpenStandardInput();
            return Open(path, standardInput, new(scratch, SpoolLimits.Default), cancellationToken, reading);
        }, cancellationToken);

    /// <summary>Opens a layout's directory.</summary>
    /// <exception cref="InputException">It is not there, or no sound layout.</exception>
    public static ImageSource OpenLayout(string directory)
    {
        if (!Directory.Exists(directory))
        {
            throw new InputException(File.Exists(directory) ? "is a file; an OCI layout is a directory" : "is not there", new(directory))
            {
                Advice = File.Exists(directory) ? "An archive is named by its path alone." : "Check the path.",
            };
        }

        if (!LayoutDirectory.IsLayout(directory)) throw new InputException("is no OCI layout: it has no index.json", new(directory));
        return Open(new LayoutDirectory(directory));
    }

    /// <summary>A source of one image whose blobs lie in files of their own.</summary>
    /// <param name="where">Where the image comes from, for messages.</param>
    /// <param name="image">The image.</param>
    /// <param name="files">The open files of its blobs, which must not change.</param>
    /// <param name="owner">Is disposed of with the source; null where the files are the caller's.</param>
    internal static ImageSource Of(InputLocation where, Image image, IReadOnlyCollection<ByteSource> files, IDisposable? owner = null) =>
        new(new LooseFiles(where, files, owner), [new ReadEntry(image)]);

    /// <summary>An image that has neither names nor a manifest: an empty one, or the tar of a root file system.</summary>
    /// <param name="where">Where the image comes from, for messages.</param>
    /// <param name="config">The config.</param>
    /// <param name="layers">The uncompressed layers by their diff IDs, bottom first.</param>
    /// <param name="owner">Is disposed of with the source; null for nothing.</param>
    internal static ImageSource OfConfig(InputLocation where, ReadOnlyMemory<byte> config, IReadOnlyDictionary<Digest, ByteSource> layers, IDisposable? owner)
    {
        Layer[] read = [.. layers.Select(layer => new Layer(
            new SourceContent(layer.Value, 0, layer.Value.Length), CompressionFormat.None, layer.Key, layer.Key, where))];
        return new(new LooseFiles(where, [.. layers.Values], owner), [new ReadEntry(new([], ImageConfig.Parse(config, where), read))])
        {
            RootFileSystemDigest = layers.Keys.SingleOrDefault(),
        };
    }

    internal static ImageSource Open(string path, Stream standardInput, Spool spool, CancellationToken cancellationToken, ArchiveReading? reading = null)
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

    /// <summary>All images, read: of an image for several platforms that for <paramref name="platform"/>. What is kept like an image and is none is left out.</summary>
    /// <exception cref="InputException">One is broken, or not for the platform.</exception>
    public IReadOnlyList<Image> ImagesFor(Platform? platform) => [.. RealEntries().Select(entry => entry.Load(platform))];

    /// <summary>
    /// Picks an image: by name, by tag, or by both, as the archive writes them. Where nothing matches exactly, <c>debian</c> also finds what podman
    /// and skopeo write for it (<c>docker.io/library/debian</c>, <c>localhost/debian</c>), and the other way round. By neither: the first.
    /// </summary>
    /// <param name="name">The name, or null for any. <c>NAME:TAG</c> is taken apart if there is no <paramref name="tag"/>.</param>
    /// <param name="tag">The tag, or null for any.</param>
    /// <param name="platform">What the image must be for; null for any, and of an image for several platforms that for this machine.</param>
    /// <param name="warning">What the user should know about the choice, a sentence; or null.</param>
    /// <exception cref="InputException">No image matches, several do, or it is not for Linux or the platform.</exception>
    public Image Select(string? name, string? tag, Platform? platform, out string? warning)
    {
        var entry = SelectEntry(name, tag, out warning);
        var image = entry.Load(platform);
        image.Config.RequireLinux();
        return image;
    }

    /// <summary>As <see cref="Select"/>, but reads nothing of the image.</summary>
    /// <exception cref="InputException">No image matches, or several do.</exception>
    public ImageEntry SelectEntry(string? name, string? tag, out string? warning)
    {
        warning = null;
        // Behind oci: and oci-archive: stands a whole annotation.
        if (name is null && tag is not null && Entries.Where(entry => entry.RefNames.Contains(tag)).Take(2).ToArray() is [var named]) return named;
        if (name is null && tag is not null && !ReferenceGrammar.IsTag(tag)) (name, tag) = (tag, null);
        if (name is not null && tag is null && ImageReference.Parse(name) is { Tag.Length: > 0 } full) (name, tag) = (full.Name, full.Tag);
        if (name is not null || tag is not null) return Find(name, tag);
        var entries = RealEntries();
        if (entries.Count > 1) warning = $"{_files.Where} holds {entries.Count} images; the first one is used: {DisplayNameOf(entries[0])}.";
        return entries[0];
    }

    /// <summary>A manifest or an index that a descriptor of the layout names, verified.</summary>
    /// <exception cref="InputException">It is missing, or not what its descriptor says.</exception>
    public ManifestDocument ReadDocument(Descriptor descriptor) => _files.ReadDocument(descriptor);

    /// <summary>The image of one of the layout's manifests; nothing of its layers is read.</summary>
    /// <exception cref="InputException">It is no image's, or something that it names is missing or broken.</exception>
    public Image ReadImage(ImageManifest manifest) => LayoutImage.Read(manifest, _files, []);

    /// <summary>The bytes of a blob that a document of the layout names; its size is verified, not its digest.</summary>
    /// <exception cref="InputException">It is missing, or has another size.</exception>
    public FileContent OpenBlob(Descriptor descriptor) => _files.Blob(descriptor).Content;

    /// <summary>Refuses files that were written to since they were opened: what was verified may be other bytes than what was used.</summary>
    /// <exception cref="InputException">One was.</exception>
    public void RequireUnchanged() => _files.RequireUnchanged();

    /// <inheritdoc/>
    public void Dispose() => _files.Dispose();

    /// <summary>
    /// All members as a tree, for who takes them over into another archive; null where that archive would not be the same any more: members of
    /// an OCI layout, which count for more than the rest to those who find them, and links that lead nowhere.
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
        // An archive may be both; then the names in manifest.json are the better ones (podman reads it in this order, too).
        if (files.Has(DockerManifest.Name) && !(asLayout && files.Has(LayoutIndex.Name))) return [.. new DockerManifest(files).Read().Select(image => new ReadEntry(image))];
        if (files.Has(LayoutIndex.Name)) return LayoutIndex.Read(files);
        if (files is LayoutDirectory) throw new InputException("is no OCI layout: it has no index.json", files.Where);
        if (!files.Has("repositories"))
        {
            const string Problem = "is a tar, but no image archive: it has neither manifest.json nor index.json";
            throw new InputException(Problem, files.Where) { Advice = RootFileSystemAdvice };
        }

        throw new InputException("was written by a Docker older than 1.10, whose archives are not supported", files.Where)
        {
            Advice = "Load it into a Docker before version 29 and save it again.",
        };
    }

    private IReadOnlyList<ImageEntry> RealEntries()
    {
        ImageEntry[] real = Entries.Count == 1 ? [] : [.. Entries.Where(entry => !entry.IsArtifact)];
        return real.Length > 0 ? real : Entries;
    }

    // Without reading what may be broken.
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
