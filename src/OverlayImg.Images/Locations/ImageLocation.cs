using OverlayImg.Caching;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Layouts;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.References;
using OverlayImg.Images.Registries.Options;
using OverlayImg.Images.Remote;
using OverlayImg.Images.Sessions;
using OverlayImg.Images.Sources;

namespace OverlayImg.Images.Locations;

/// <summary>A location of images: a path, a registry reference, or <c>scratch</c>.</summary>
/// <param name="Name">Name of the location in messages: the text that the user gave.</param>
public abstract record ImageLocation(string Name)
{
    /// <summary>Opens the images. The session owns the returned source.</summary>
    /// <param name="platform">Platform of the image that is fetched from a registry; null for the host's platform.</param>
    /// <exception cref="InputException">The image does not exist, or is broken.</exception>
    /// <exception cref="MachineException">The decompressed image needs more space, or the registry can't be reached.</exception>
    internal abstract Task<ImageSource> OpenAsync(Platform? platform, Session session);

    /// <summary>A text that identifies the images without reading files, such as a digest; null if no such text exists.</summary>
    internal virtual string? Identity => null;

    /// <summary>Lists all files that the images depend on; null if a later run can't tell whether the images are the same.</summary>
    /// <exception cref="InputException">The location may not be read.</exception>
    internal abstract IReadOnlyList<string>? Files();
}

/// <summary>A path whose content shows the format: a file, a pipe, <c>-</c> for standard input, or the directory of a layout.</summary>
/// <param name="Path">The path, relative to the current directory or absolute.</param>
public sealed record PathLocation(string Path) : ImageLocation(Path)
{
    internal const string StandardInput = "-";

    /// <summary>The format that the file is read as.</summary>
    public ArchiveForm Form { get; init; }

    internal override async Task<ImageSource> OpenAsync(Platform? platform, Session session)
    {
        // No manifest has the digest of a root file system's tar. The cache remembers the digest, so the tar is hashed once.
        var memory = Files() is [var file] ? FileMemory.Of(session.Cache, ["root file system"], session.Time, file) : null;
        var known = Digest.TryParse(memory?.Recall(), out var digest) ? digest : null;
        var source = session.Own(await ImageSource.OpenAsync(Path, new(Form, platform, known), session.Scratch, session.CancellationToken));
        if (source.RootFileSystemDigest is { } found && found != known) memory?.Remember(found.ToString());
        return source;
    }

    // Nothing about standard input is remembered, even if a file has the name "-".
    internal override IReadOnlyList<string>? Files() => Path == StandardInput ? null : LayoutFiles.IsLayout(Path) ? LayoutFiles.Of(Path) : [Path];
}

/// <summary>The directory of an OCI layout.</summary>
/// <param name="Directory">The path, relative to the current directory or absolute.</param>
public sealed record LayoutLocation(string Directory) : ImageLocation(Directory)
{
    internal override async Task<ImageSource> OpenAsync(Platform? platform, Session session) =>
        session.Own(await Task.Run(() => ImageSource.OpenLayout(Directory), session.CancellationToken));

    internal override IReadOnlyList<string>? Files() => LayoutFiles.Of(Directory);
}

/// <summary>An image in a registry.</summary>
/// <param name="Image">Reference with a digest or a tag.</param>
/// <param name="Access">Credentials, TLS and other options of the access.</param>
public sealed record RegistryLocation(RegistryReference Image, RegistryOptions Access) : ImageLocation(Image.ToString())
{
    internal override string? Identity => Image.Digest?.ToString();

    internal override Task<ImageSource> OpenAsync(Platform? platform, Session session) =>
        RegistryImage.FetchAsync(Image, platform, CachedRegistry.Create(Access, session), session);

    internal override IReadOnlyList<string>? Files() => null;
}
