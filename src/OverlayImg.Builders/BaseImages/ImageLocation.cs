using OverlayImg.FileSystems;
using OverlayImg.Images;

namespace OverlayImg.Builders;

/// <summary>Where images are.</summary>
/// <param name="Name">What messages call it: the path that the user gave.</param>
public abstract record ImageLocation(string Name)
{
    /// <summary>Opens it.</summary>
    /// <exception cref="InputException">It is not there, or broken.</exception>
    /// <exception cref="MachineException">There is no space for what must be decompressed.</exception>
    internal abstract Task<ImageSource> OpenAsync(ScratchDirectory scratch, CancellationToken cancellationToken);

    /// <summary>All files that its images depend on; null where it can't be told whether they are the same another time.</summary>
    /// <exception cref="InputException">It may not be read.</exception>
    internal abstract IReadOnlyList<string>? Files();
}

/// <summary>A file, a pipe, <c>-</c> for standard input, or a directory: what it is, its content tells.</summary>
/// <param name="Path">Where.</param>
public sealed record PathLocation(string Path) : ImageLocation(Path)
{
    internal const string StandardInput = "-";

    internal override Task<ImageSource> OpenAsync(ScratchDirectory scratch, CancellationToken cancellationToken) =>
        ImageSource.OpenAsync(Path, scratch, cancellationToken);

    // Of standard input nothing is remembered, whatever file is called so.
    internal override IReadOnlyList<string>? Files() => Path == StandardInput ? null : LayoutFiles.IsLayout(Path) ? LayoutFiles.Of(Path) : [Path];
}

/// <summary>An OCI layout's directory.</summary>
/// <param name="Directory">Where.</param>
public sealed record LayoutLocation(string Directory) : ImageLocation(Directory)
{
    internal override Task<ImageSource> OpenAsync(ScratchDirectory scratch, CancellationToken cancellationToken) =>
        Task.Run(() => ImageSource.OpenLayout(Directory), cancellationToken);

    internal override IReadOnlyList<string>? Files() => LayoutFiles.Of(Directory);
}
