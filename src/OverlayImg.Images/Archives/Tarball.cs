using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images.Compression;

namespace OverlayImg.Images.Archives;

/// <summary>A tar of plain files that the user named, compressed or not: contents, not an image.</summary>
public static class Tarball
{
    // GNU tar's record: what it writes for an archive without members. Other writers end with two blocks alone. A longer file of zeros comes from a program
    // that made room for a disk, and GNU tar writes such an archive only where it is asked for longer records.
    private const long LongestEmpty = 20 * 512;

    /// <summary>Opens it as one uncompressed file: the user's own, or a temporary one that is gone when the result is disposed of.</summary>
    /// <exception cref="InputException">It is not there, empty, or its compressed data is damaged.</exception>
    /// <exception cref="MachineException">No space for what must be decompressed, or no library to do it.</exception>
    public static ByteSource Open(string path, ScratchDirectory scratch, CancellationToken cancellationToken) =>
        ArchiveFile.Open(path, Stream.Null, new Spool(scratch, SpoolLimits.Default), cancellationToken);

    /// <summary>Reads the files of an open tarball, which must stay open as long as the tree is used.</summary>
    /// <param name="archive">The tarball.</param>
    /// <param name="where">What errors call it.</param>
    /// <param name="accounts">Numbers for the access control lists that have names; null to leave such lists out.</param>
    /// <param name="cancellationToken">Looked at for each entry.</param>
    /// <exception cref="InputException">The file is no tar, or a damaged one.</exception>
    public static TarTreeResult Read(ByteSource archive, InputLocation where, AccountNumbers? accounts, CancellationToken cancellationToken)
    {
        TarTreeResult tar;
        try
        {
            tar = TarTree.Read(archive, 0, archive.Length, where, new() { Accounts = accounts }, cancellationToken);
        }
        catch (InputException exception) when (exception.Where.Offset is null or 0 && ForeignFormat.Of(archive) is { } format)
        {
            throw IsNoTar(format, where, exception);
        }

        var hasEntries = tar.Tree.Root is not { IsImplied: true, Count: 0 } || tar.UnresolvedLinks.Count > 0 || tar.Warnings.Count > 0;
        if (hasEntries || IsEmptyTar(archive)) return tar;
        throw IsNoTar(ForeignFormat.Of(archive) ?? "a file that begins with zeros, as empty disks do,", where, null);
    }

    private static bool IsEmptyTar(ByteSource archive)
    {
        if (archive.Length > LongestEmpty) return false;
        var bytes = new byte[archive.Length];
        archive.Read(0, bytes);
        return !bytes.AsSpan().ContainsAnyExcept((byte)0);
    }

    private static InputException IsNoTar(string format, InputLocation where, Exception? inner) =>
        new($"is {format} and no tar archive", where, inner) { Advice = "Give a directory, or a tar of its files." };
}
