using OverlayImg.FileSystems;

namespace OverlayImg.Images;

/// <summary>A tar of plain files that the user named, compressed or not: contents, not an image.</summary>
public static class Tarball
{
    /// <summary>Opens it as one uncompressed file: the user's own, or a temporary one that is gone when the result is disposed of.</summary>
    /// <exception cref="InputException">It is not there, empty, or its compressed data is damaged.</exception>
    /// <exception cref="MachineException">No space for what must be decompressed, or no library to do it.</exception>
    public static ByteSource Open(string path, ScratchDirectory scratch, CancellationToken cancellationToken) =>
        ArchiveFile.Open(path, Stream.Null, new Spool(scratch, SpoolLimits.Default), cancellationToken);
}
