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

/// <summary>Where images are.</summary>
/// <param name="Name">What messages call it: the path that the user gave.</param>
public abstract record ImageLocation(string Name)
{
    /// <summary>Opens it. The session owns the source.</summary>
    /// <param name="platform">Which image is fetched, where the place has one for each platform and they are not all at hand; null: that for this machine.</param>
    /// <param name="session">The operation.</param>
    /// <exception cref="InputException">It is not there, or broken.</exception>
    /// <exception cref="MachineException">There is no space for what must be decompressed, or a registry can't be reached.</exception>
    internal abstract Task<ImageSource> OpenAsync(Platform? platform, Session session);

    /// <summary>What tells its images from all others without any file; null where files tell, or nothing does.</summary>
    internal virtual string? Identity => null;

    /// <summary>All files that its images depend on; null where it can't be told whether they are the same another time.</summary>
    /// <exception cref="InputException">It may not be read.</exception>
    internal abstract IReadOnlyList<string>? Files();
}

/// <summary>A file, a pipe, <c>-</c> for standard input, or a directory: what it is, its content tells.</summary>
/// <param name="Path">Where.</param>
public sealed record PathLocation(string Path) : ImageLocation(Path)
{
    internal const string StandardInput = "-";

    /// <summary>What the file is read as.</summary>
    public ArchiveForm Form { get; init; }

    internal override async Task<ImageSource> OpenAsync(Platform? platform, Session session)
    {
        // The digest of a root file system's tar is in no manifest: it is found out once, and remembered of the file.
        var memory = Files() is [var file] ? FileMemory.Of(session.Cache, ["root file system"], session.Time, file) : null;
        var known = Digest.TryParse(memory?.Recall(), out var digest) ? digest : null;
        var source = session.Own(await ImageSource.OpenAsync(Path, new(Form, platform, known), session.Scratch, session.CancellationToken));
        if (source.RootFileSystemDigest is { } found && found != known) memory?.Remember(found.ToString());
        return source;
    }

    // Of standard input nothing is remembered, whatever file is called so.
    internal override IReadOnlyList<string>? Files() => Path == StandardInput ? null : LayoutFiles.IsLayout(Path) ? LayoutFiles.Of(Path) : [Path];
}

/// <summary>An OCI layout's directory.</summary>
/// <param name="Directory">Where.</param>
public sealed record LayoutLocation(string Directory) : ImageLocation(Directory)
{
    internal override async Task<ImageSource> OpenAsync(Platform? platform, Session session) =>
        session.Own(await Task.Run(() => ImageSource.OpenLayout(Directory), session.CancellationToken));

    internal override IReadOnlyList<string>? Files() => LayoutFiles.Of(Directory);
}

/// <summary>An image of a registry.</summary>
/// <param name="Image">By digest or tag.</param>
/// <param name="Access">How to get at it.</param>
public sealed record RegistryLocation(RegistryReference Image, RegistryOptions Access) : ImageLocation(Image.ToString())
{
    internal override string? Identity => Image.Digest?.ToString();

    internal override Task<ImageSource> OpenAsync(Platform? platform, Session session) =>
        RegistryImage.FetchAsync(Image, platform, CachedRegistry.Create(Access, session), session);

    internal override IReadOnlyList<string>? Files() => null;
}
