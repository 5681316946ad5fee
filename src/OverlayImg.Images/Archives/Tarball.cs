using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images.Compression;

namespace OverlayImg.Images.Archives;

/// <summary>Reads a tar of plain files, compressed or not, that the user named as contents rather than as an image.</summary>
public static class Tarball
{
    // The record size of GNU tar, which is the size of its archive without members. Other programs write only two zero
    // blocks. A longer file of zeros is taken for an empty disk: GNU tar writes longer records only on request.
    private const long LongestEmpty = 20 * 512;

    /// <summary>
    /// Opens a tarball as one uncompressed file: the user's file, or a temporary file that disposing of the result deletes.
    /// </summary>
    /// <exception cref="InputException">The file is missing or empty, or its compressed data is damaged.</exception>
    /// <exception cref="MachineException">There is no space for the decompressed data, or a library is missing.</exception>
    public static ByteSource Open(string path, ScratchDirectory scratch, CancellationToken cancellationToken) =>
        ArchiveFile.Open(path, Stream.Null, new Spool(scratch, SpoolLimits.Default), cancellationToken);

    /// <summary>Reads the files of an open tarball, which must stay open while the tree is used.</summary>
    /// <param name="accounts">Numeric IDs for access control lists that contain names; null to leave such lists out.</param>
    /// <exception cref="InputException">The file is not a tar, or the tar is damaged.</exception>
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
        new($"is {format} and not a tar archive", where, inner) { Advice = "Give a directory, or a tar of its files." };
}
