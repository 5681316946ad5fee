using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;

namespace OverlayImg.Images;

/// <summary>
/// An image archive: a tar as <c>docker save</c>, podman, skopeo, buildah, kaniko and nixpkgs write it, or an OCI layout in a tar. Read where
/// it lies: nothing is unpacked, and only what is compressed is copied (decompressed, into one temporary file).
/// </summary>
public sealed class DockerArchive : IDisposable
{
    internal const string RootFileSystemAdvice = "The tar of a root file system becomes an image by 'docker import' or 'podman import'.";
    private readonly ByteSource _source;
    private readonly InputLocation _where;

    private DockerArchive(ByteSource source, InputLocation where, IReadOnlyList<ArchiveImage> images) =>
        (_source, _where, Images) = (source, where, images);

    /// <summary>The images in it, in its order; at least one.</summary>
    public IReadOnlyList<ArchiveImage> Images { get; }

    /// <summary>Opens an archive and reads its table of contents and its configs, no layers.</summary>
    /// <param name="path">A file, a pipe, or <c>-</c> for standard input.</param>
    /// <param name="scratch">Where what is compressed or comes from a pipe is kept; must live longer than the archive.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="InputException">It is not there, no archive, or a broken one.</exception>
    /// <exception cref="MachineException">No space for what must be decompressed, or no library to do it.</exception>
    public static Task<DockerArchive> OpenAsync(string path, ScratchDirectory scratch, CancellationToken cancellationToken) =>
        Task.Run(() =>
        {
            using var standardInput = Console.OpenStandardInput();
            return Open(path, standardInput, new(scratch, SpoolLimits.Default), cancellationToken);
        }, cancellationToken);

    internal static DockerArchive Open(string path, Stream standardInput, Spool spool, CancellationToken cancellationToken)
    {
        var where = ArchiveFile.PlaceOf(path);
        var source = ArchiveFile.Open(path, standardInput, spool, cancellationToken);
        try
        {
            return new(source, where, ReadImages(source, MemberTable.Read(source, where, cancellationToken)));
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Picks an image: by name, by tag, or by both, as the archive writes them. Where nothing matches exactly, <c>debian</c> also finds what podman
    /// and skopeo write for it (<c>docker.io/library/debian</c>, <c>localhost/debian</c>), and the other way round. By neither: the first.
    /// </summary>
    /// <param name="name">The name, or null for any. <c>NAME:TAG</c> is taken apart if there is no <paramref name="tag"/>.</param>
    /// <param name="tag">The tag, or null for any.</param>
    /// <param name="warning">What the user should know about the choice, a sentence; or null.</param>
    /// <exception cref="InputException">No image matches, several do, or it is not for Linux.</exception>
    public ArchiveImage Select(string? name, string? tag, out string? warning)
    {
        if (name is not null && tag is null && ImageReference.Parse(name) is { Tag.Length: > 0 } full) (name, tag) = (full.Name, full.Tag);
        var isAny = name is null && tag is null;
        var image = isAny ? Images[0] : Find(name, tag);
        image.Config.RequireLinux();
        warning = isAny && Images.Count > 1 ? $"{_where} holds {Images.Count} images; the first one is used: {image.DisplayName}." : null;
        return image;
    }

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();

    /// <summary>
    /// All members as a tree, for who takes them over into another archive; null where that archive would not be the same any more: members of
    /// an OCI layout, which count for more than the rest to those who find them, and links that lead nowhere.
    /// </summary>
    internal FileTree? ReadMembers(CancellationToken cancellationToken)
    {
        var members = TarTree.Read(_source, 0, _source.Length, _where, cancellationToken);
        var isPlain = members.UnresolvedLinks.Count == 0 && members.Tree.Find("oci-layout"u8) is null && members.Tree.Find("blobs"u8) is null;
        return isPlain ? members.Tree : null;
    }

    private static IReadOnlyList<ArchiveImage> ReadImages(ByteSource source, MemberTable members)
    {
        // An archive may be both; then the names in manifest.json are the better ones (podman reads it in this order, too).
        if (members.Has(DockerManifest.Name)) return new DockerManifest(source, members).Read();
        if (members.Has(OciIndex.Name)) return new OciIndex(source, members).Read();
        if (!members.Has("repositories"))
        {
            const string Problem = "is a tar, but no image archive: it has neither manifest.json nor index.json";
            throw new InputException(Problem, members.Archive) { Advice = RootFileSystemAdvice };
        }

        throw new InputException("was written by a Docker older than 1.10, whose archives are not supported", members.Archive)
        {
            Advice = "Load it into a Docker before version 29 and save it again.",
        };
    }

    private ArchiveImage Find(string? name, string? tag)
    {
        ArchiveImage[] matches = [.. Images.Where(image => image.References.Any(reference => reference.Matches(name, tag)))];
        if (matches.Length == 0) matches = [.. Images.Where(image => image.References.Any(reference => reference.MatchesFamiliarly(name, tag)))];
        if (matches.Length == 1) return matches[0];
        var wanted = (name, tag) switch { (null, _) => $"with the tag {tag}", (_, null) => $"with the name {name}", _ => $"{name}:{tag}" };
        var problem = matches.Length == 0 ? $"holds no image {wanted}" : $"holds several images {wanted}";
        var choices = string.Join("; ", (matches.Length == 0 ? Images : matches).Take(20).Select(image => image.DisplayName));
        throw new InputException(problem, _where)
        {
            Advice = matches.Length == 0 ? $"It holds: {choices}." : $"Choose one by --from-name and --from-tag: {choices}.",
        };
    }
}
